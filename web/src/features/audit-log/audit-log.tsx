import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function AuditLogPage() {
  return <PageHeader title={<Trans>Audit log</Trans>} />
}
