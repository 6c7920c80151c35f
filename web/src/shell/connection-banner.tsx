// Says that the service cannot be reached, as long as that is so.
import { Trans } from '@lingui/react/macro'
import { useConnection } from '../api/connection.ts'
import classes from './shell.module.css'

export function ConnectionBanner() {
  const connection = useConnection()
  return (
    <div role="status">
      {connection !== 'up' && (
        <div className={classes.banner}>
          {connection === 'offline' ? (
            <Trans>No connection to the service. What you type is kept; this goes away by itself.</Trans>
          ) : (
            <Trans>The service is not available at the moment. What you type is kept; this goes away by itself.</Trans>
          )}
        </div>
      )}
    </div>
  )
}
