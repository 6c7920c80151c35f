import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function BookingsPage() {
  return <PageHeader title={<Trans>Bookings</Trans>} />
}
