// Occupancy, arrivals and revenue of a range beside the year before: as a plot, as a table and as a file.
import { useLingui } from '@lingui/react/macro'
import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import { csvOf } from '../csv.ts'
import classes from '../reports.module.css'
import { type Grouping, groupings, rangeOf, type Search } from '../search.ts'
import { FigureCards } from './figure-cards.tsx'
import { FiguresPlot } from './figures-plot.tsx'
import { thisYear } from './range-picker.tsx'
import { ReportHeader } from './report-header.tsx'
import { ReportTable } from './report-table.tsx'
import { useGroupName } from './use-group-name.ts'

interface Props {
  readonly search: Search
  readonly change: (next: Search) => void
}

export function FiguresReport({ search, change }: Props) {
  const { t } = useLingui()
  const group_by = search.by ?? 'month'
  const range = rangeOf(search, thisYear())
  const { data, error, refetch } = useQuery({
    queryKey: ['reports', range, group_by],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/reports', { params: { query: { ...range, group_by } }, signal })),
    select: inOrder,
    // Of the same grouping only: the names of the groups depend on it.
    placeholderData: (before, query) => (query?.queryKey[2] === group_by ? before : undefined),
    staleTime: 60_000,
  })
  const groupName = useGroupName(group_by)
  const labels: Readonly<Record<Grouping, string>> = {
    month: t`Month`,
    property: t`Home`,
    city: t`City`,
    source: t`Source`,
    country: t`Country`,
  }
  return (
    <>
      <ReportHeader
        search={search}
        change={change}
        csv={data && (() => csvOf(data, groupName))}
        file_name={`report-${range.from}.csv`}
      >
        <SegmentedControl
          aria-label={t`Group by`}
          value={group_by}
          onChange={(by) => change({ ...search, by: by as Grouping })}
          data={groupings.map((value) => ({ value, label: labels[value] }))}
        />
      </ReportHeader>
      <div className={classes.page}>
        {error !== null && data === undefined && <ErrorState error={error} retry={() => void refetch()} />}
        {error === null && data === undefined && <Skeleton height={360} />}
        {data !== undefined && (
          <>
            <FigureCards report={data} />
            <FiguresPlot report={data} search={search} change={change} />
            <ReportTable report={data} groupName={groupName} />
          </>
        )}
      </div>
    </>
  )
}

/** Countries with the most arrivals first, and last what has no country. */
function inOrder(report: Schema['Report']): Schema['Report'] {
  if (report.group_by !== 'country') return report
  const rank = ({ key, current }: Schema['Report']['groups'][number]) => (key === null ? -1 : current.num_bookings)
  const nights = ({ current }: Schema['Report']['groups'][number]) => current.nights_sold
  return { ...report, groups: report.groups.toSorted((a, b) => rank(b) - rank(a) || nights(b) - nights(a)) }
}
