import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function PropertyPage() {
  return <PageHeader title={<Trans>Home</Trans>} />
}
