import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function OperationsPage() {
  return <PageHeader title={<Trans>Operations</Trans>} />
}
