import { Trans } from '@lingui/react/macro'
import { PageHeader } from '../../ui/page-header.tsx'

export function CalendarPage() {
  return <PageHeader title={<Trans>Calendar</Trans>} />
}
