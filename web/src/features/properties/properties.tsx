import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function PropertiesPage() {
  return <PageHeader title={<Trans>Homes</Trans>} />
}
