// For addresses that no page has.
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { EmptyState } from './empty-state.tsx'

export function NotFound() {
  return (
    <EmptyState
      title={<Trans>There is no such page</Trans>}
      action={
        <Button component={Link} to="/today">
          <Trans>Go to Today</Trans>
        </Button>
      }
    >
      <Trans>The address may be old, or your role may not have this page.</Trans>
    </EmptyState>
  )
}
