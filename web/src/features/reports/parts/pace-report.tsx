// Booking pace: what is on the books for each month of arrival, beside the same day a year before.
import { Trans, useLingui } from '@lingui/react/macro'
import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { dayOf, formatDay } from '../../../locales/days.ts'
import { useLocale } from '../../../locales/i18n.ts'
import { useMoney } from '../../../locales/money.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import { paceCsvOf } from '../csv.ts'
import classes from '../reports.module.css'
import { rangeOf, type Search } from '../search.ts'
import { BarPlot } from './bar-plot.tsx'
import { type FigureColumn, FigureTable } from './figure-table.tsx'
import { useCount } from './formats.ts'
import { currenciesOf, mainCurrency, revenueIn } from './money-of.ts'
import { thisYear } from './range-picker.tsx'
import { ReportHeader } from './report-header.tsx'

type Pace = Schema['Pace']
type Books = Schema['OnTheBooks']

interface Props {
  readonly search: Search
  readonly change: (next: Search) => void
}

export function PaceReport({ search, change }: Props) {
  const range = rangeOf(search, thisYear())
  const { data, error, refetch } = useQuery({
    queryKey: ['reports', 'pace', range],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/reports/pace', { params: { query: range }, signal })),
    placeholderData: (before) => before,
    staleTime: 60_000,
  })
  return (
    <>
      <ReportHeader
        search={search}
        change={change}
        csv={data && (() => paceCsvOf(data))}
        file_name={`pace-${range.from}.csv`}
      />
      <div className={classes.page}>
        {error !== null && data === undefined && <ErrorState error={error} retry={() => void refetch()} />}
        {error === null && data === undefined && <Skeleton height={360} />}
        {data !== undefined && <Content pace={data} search={search} change={change} />}
      </div>
    </>
  )
}

function Content({ pace, search, change }: Props & { readonly pace: Pace }) {
  const { t } = useLingui()
  const locale = useLocale()
  const money = useMoney()
  const count = useCount()
  const columns = useColumns()
  const { day, previous_day, months, totals } = pace
  const currency = mainCurrency([totals.current, totals.previous, totals.previous_final])
  const is_revenue = search.plot === 'revenue'
  const of = (books: Books) => (is_revenue ? revenueIn(books, currency) : books.nights)
  const nameOf = (month: string, format: 'month' | 'month_short') => formatDay(locale, dayOf(`${month}-01`), format)
  const dateOf = (date: string) => formatDay(locale, dayOf(date), 'date')
  const [now, then] = [dateOf(day), dateOf(previous_day)]
  const { num_undated } = totals.previous_final
  return (
    <>
      <p className={classes.intro}>
        <Trans>
          Booked by {now} for each month of arrival, beside what was booked by {then} for the same month of the year
          before.
        </Trans>
      </p>
      <SegmentedControl
        aria-label={t`Plot`}
        size="xs"
        mb="sm"
        value={is_revenue ? 'revenue' : 'nights'}
        onChange={(plot) => change({ ...search, plot: plot as 'revenue' | 'nights' })}
        data={[
          { value: 'nights', label: t`Nights` },
          { value: 'revenue', label: t`Revenue (${currency})` },
        ]}
      />
      <BarPlot
        title={t`Booking pace`}
        write={(value) => (is_revenue ? money(value, currency) : count(value))}
        legend={{
          now: <Trans>Booked now</Trans>,
          before: <Trans>Booked by {then}</Trans>,
          mark: <Trans>In the end</Trans>,
        }}
        bars={months.map(({ month, current, previous, previous_final }) => ({
          key: month,
          name: nameOf(month, 'month'),
          label: nameOf(month, 'month_short'),
          now: of(current),
          before: of(previous),
          mark: of(previous_final),
        }))}
      />
      <FigureTable
        label={t`Booking pace`}
        columns={columns}
        rows={months.map((one) => ({ key: one.month, name: nameOf(one.month, 'month'), of: one }))}
        total={totals}
        note={
          num_undated > 0 && (
            <Trans>
              Of {num_undated} bookings of the year before the day of booking is not known. They count from their
              arrival, so the year before was better than shown.
            </Trans>
          )
        }
      />
    </>
  )
}

function useColumns(): FigureColumn<Pace['totals']>[] {
  const money = useMoney()
  const count = useCount()
  const three = (name: string, title: ReactNode, write: (books: Books, row: Pace['totals']) => ReactNode) => [
    { key: name, title, cell: (row: Pace['totals']) => write(row.current, row) },
    {
      key: `${name} before`,
      title: <Trans>Year before</Trans>,
      is_before: true,
      cell: (row: Pace['totals']) => write(row.previous, row),
    },
    {
      key: `${name} final`,
      title: <Trans>In the end</Trans>,
      is_before: true,
      cell: (row: Pace['totals']) => write(row.previous_final, row),
    },
  ]
  return [
    ...three('bookings', <Trans>Bookings</Trans>, ({ num_bookings }) => count(num_bookings)),
    ...three('nights', <Trans>Nights</Trans>, ({ nights }) => count(nights)),
    ...three('revenue', <Trans>Revenue</Trans>, (books, { current, previous, previous_final }) =>
      currenciesOf([current, previous, previous_final]).map((currency) => (
        <div key={currency}>{money(revenueIn(books, currency), currency)}</div>
      )),
    ),
  ]
}
