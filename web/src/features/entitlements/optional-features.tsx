// The optional features of the agency. The operator of the service switches them.
import { useQuery } from '@tanstack/react-query'
import { Trans } from '@lingui/react/macro'
import { api, bodyOf } from '../../api/client.ts'
import classes from '../team/team.module.css'

export function OptionalFeatures() {
  const { data } = useQuery({
    queryKey: ['features'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/features', { signal })),
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <section>
      <h2>
        <Trans>Optional features</Trans>
      </h2>
      {data.items.map(({ feature, enabled }) => (
        <div key={feature} className={classes.session}>
          <span>{feature}</span>
          <span className="dim">{enabled ? <Trans>on</Trans> : <Trans>off</Trans>}</span>
        </div>
      ))}
      <p className="dim">
        <Trans>Whoever runs this service switches them on and off.</Trans>
      </p>
    </section>
  )
}
