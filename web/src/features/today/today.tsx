import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function TodayPage() {
  return <PageHeader title={<Trans>Today</Trans>} />
}
