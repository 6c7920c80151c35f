// Reports: occupancy and revenue of a range beside the year before, as a plot and as a table.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, SegmentedControl, Select, Skeleton } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { api, bodyOf } from '../../api/client.ts'
import { dateOf, todayIn } from '../../locales/days.ts'
import { saveBlob } from '../../ui/download.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { csvOf } from './csv.ts'
import { BarPlot } from './parts/bar-plot.tsx'
import { FigureCards } from './parts/figure-cards.tsx'
import { ReportTable } from './parts/report-table.tsx'
import { useGroupName } from './parts/use-group-name.ts'
import classes from './reports.module.css'
import { type Grouping, groupings, type Search } from './search.ts'

export function ReportsPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/shell/reports' })
  const navigate = useNavigate({ from: '/reports' })
  const group_by = search.by ?? 'month'
  const range = rangeOf(search)
  const { data, error, refetch } = useQuery({
    queryKey: ['reports', range, group_by],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/reports', { params: { query: { ...range, group_by } }, signal })),
    // Of the same grouping only: the names of the groups depend on it.
    placeholderData: (before, query) => (query?.queryKey[2] === group_by ? before : undefined),
    staleTime: 60_000,
  })
  const groupName = useGroupName(group_by)
  const labelOf = useGroupName(group_by, 'month_short')
  const change = (next: Search) => void navigate({ search: { ...search, ...next }, replace: true })
  const labels: Readonly<Record<Grouping, string>> = {
    month: t`Month`,
    property: t`Home`,
    city: t`City`,
    source: t`Source`,
  }
  return (
    <>
      <PageHeader
        title={<Trans>Reports</Trans>}
        actions={
          data !== undefined && (
            <Button
              variant="default"
              px={10}
              aria-label={t`Save as CSV`}
              onClick={() => saveBlob(new Blob([csvOf(data, groupName)], { type: 'text/csv' }), 'report.csv')}
            >
              <IconDownload size={16} />
            </Button>
          )
        }
      >
        <Select
          aria-label={t`Range`}
          w={150}
          allowDeselect={false}
          data={years()}
          value={range.from.slice(0, 4)}
          onChange={(year) => year !== null && change({ from: `${year}-01-01`, to: `${Number(year) + 1}-01-01` })}
        />
        <SegmentedControl
          aria-label={t`Group by`}
          value={group_by}
          onChange={(by) => change({ by: by as Grouping })}
          data={groupings.map((value) => ({ value, label: labels[value] }))}
        />
      </PageHeader>
      <div className={classes.page}>
        {error !== null && data === undefined && <ErrorState error={error} retry={() => void refetch()} />}
        {error === null && data === undefined && <Skeleton height={360} />}
        {data !== undefined && (
          <>
            <FigureCards report={data} />
            <BarPlot report={data} groupName={groupName} labelOf={labelOf} />
            <ReportTable report={data} groupName={groupName} />
          </>
        )}
      </div>
    </>
  )
}

const thisYear = () => Number(dateOf(todayIn('UTC')).slice(0, 4))

function rangeOf({ from, to }: Search) {
  if (from !== undefined && to !== undefined) return { from, to }
  return { from: `${thisYear()}-01-01`, to: `${thisYear() + 1}-01-01` }
}

const years = () => Array.from({ length: 5 }, (_, n) => String(thisYear() + 1 - n))
