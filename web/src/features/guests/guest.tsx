import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function GuestPage() {
  return <PageHeader title={<Trans>Guest</Trans>} />
}
