// Reports: the figures of a range, or the booking pace.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { FiguresReport } from './parts/figures-report.tsx'
import { PaceReport } from './parts/pace-report.tsx'
import { readSearch, type Search } from './search.ts'

export function ReportsPage() {
  const search = useSearch({ from: '/shell/reports' })
  const navigate = useNavigate({ from: '/reports' })
  const change = (next: Search) => void navigate({ search: readSearch({ ...next }), replace: true })
  const Report = search.show === 'pace' ? PaceReport : FiguresReport
  return <Report search={search} change={change} />
}
