// My account: name, language, address, password, and where I am signed in.

import { Trans } from '@lingui/react/macro'
import { Alert } from '@mantine/core'
import { useMe } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { OwnEmail } from './parts/own-email.tsx'
import { OwnPassword } from './parts/own-password.tsx'
import { OwnProfile } from './parts/own-profile.tsx'
import { OwnSessions } from './parts/own-sessions.tsx'
import classes from './team.module.css'

export function AccountPage() {
  const days = useDays()
  const { notices } = useMe()
  return (
    <>
      <PageHeader title={<Trans>My account</Trans>} />
      <div className={classes.account}>
        {notices.length > 0 && (
          <Alert
            color="orange"
            style={{ gridColumn: '1 / -1' }}
            title={<Trans>A session was ended for your safety</Trans>}
          >
            {notices.map(({ at, user_agent }) => (
              <div key={at}>
                {days.instant(at)} · {user_agent ?? <Trans>unknown device</Trans>}
              </div>
            ))}
            <Trans>
              Its sign-in was used twice, so it may have been copied. If this was not you, change your password.
            </Trans>
          </Alert>
        )}
        <OwnProfile />
        <OwnPassword />
        <OwnEmail />
        <OwnSessions />
      </div>
    </>
  )
}
