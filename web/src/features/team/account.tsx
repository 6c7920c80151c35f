import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function AccountPage() {
  return <PageHeader title={<Trans>My account</Trans>} />
}
