// The settings of the agency; for those who may not change them, the same as facts.

import { Trans } from '@lingui/react/macro'
import { Button, Group } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { agencyQuery } from '../../api/agency.ts'
import { useCan } from '../../api/me.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { OptionalFeatures } from '../entitlements/optional-features.tsx'
import classes from '../team/team.module.css'
import { AgencyFacts } from './parts/agency-facts.tsx'
import { AgencyForm } from './parts/agency-form.tsx'

export function SettingsPage() {
  const can = useCan()
  const { data: agency } = useSuspenseQuery(agencyQuery)
  return (
    <>
      <PageHeader
        title={<Trans>Settings</Trans>}
        actions={
          <Group gap="xs">
            <Button component={Link} to="/settings/account" variant="default">
              <Trans>My account</Trans>
            </Button>
            {can('audit:read') && (
              <Button component={Link} to="/settings/audit-log" variant="default">
                <Trans>Audit log</Trans>
              </Button>
            )}
          </Group>
        }
      />
      <div className={classes.account}>
        {can('agency:update') ? <AgencyForm agency={agency} /> : <AgencyFacts agency={agency} />}
        {can('features:read') && <OptionalFeatures />}
      </div>
    </>
  )
}
