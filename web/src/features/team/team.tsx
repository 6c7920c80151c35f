import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function TeamPage() {
  return <PageHeader title={<Trans>Team</Trans>} />
}
