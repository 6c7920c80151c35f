import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function GuestsPage() {
  return <PageHeader title={<Trans>Guests</Trans>} />
}
