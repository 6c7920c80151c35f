// A page that the role does not have, reached by its address.
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '../ui/empty-state.tsx'

export function NotAllowed() {
  return (
    <EmptyState
      heading="h1"
      title={<Trans>Your role does not have this page</Trans>}
      action={
        <Link to="/today">
          <Trans>To today</Trans>
        </Link>
      }
    >
      <Trans>An admin of your agency can change your role.</Trans>
    </EmptyState>
  )
}
