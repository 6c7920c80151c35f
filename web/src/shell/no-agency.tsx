// For people without an active membership.
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { endSession } from '../api/session.ts'
import { EmptyState } from '../ui/empty-state.tsx'

export function NoAgency() {
  return (
    <EmptyState
      title={<Trans>You are not a member of any agency</Trans>}
      action={
        <Button variant="default" onClick={endSession}>
          <Trans>Sign out</Trans>
        </Button>
      }
    >
      <Trans>Ask the admin of your agency to invite you, or sign in with another account.</Trans>
    </EmptyState>
  )
}
