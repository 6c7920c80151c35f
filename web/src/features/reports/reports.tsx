import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function ReportsPage() {
  return <PageHeader title={<Trans>Reports</Trans>} />
}
