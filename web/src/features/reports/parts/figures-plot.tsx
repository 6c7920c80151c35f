// One figure of each group, beside the year before.
import { useLingui } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { Schema } from '../../../api/client.ts'
import { useMoney } from '../../../locales/money.ts'
import type { Measure, Search } from '../search.ts'
import { BarPlot } from './bar-plot.tsx'
import { useCount, usePercent } from './formats.ts'
import { mainCurrency, revenueIn } from './money-of.ts'
import { useGroupName } from './use-group-name.ts'

type Figures = Schema['ReportFigures']

interface Props {
  readonly report: Schema['Report']
  readonly search: Search
  readonly change: (next: Search) => void
}

export function FiguresPlot({ report: { groups, group_by, totals }, search, change }: Props) {
  const { t } = useLingui()
  const percent = usePercent()
  const count = useCount()
  const money = useMoney()
  const groupName = useGroupName(group_by)
  const labelOf = useGroupName(group_by, 'month_short')
  const currency = mainCurrency([totals.current, totals.previous])
  const plots: Readonly<Record<Measure, { of: (figures: Figures) => number; write: (value: number) => string }>> = {
    occupancy: { of: ({ occupancy_bp }) => occupancy_bp ?? 0, write: percent },
    arrivals: { of: ({ num_bookings }) => num_bookings, write: count },
    nights: { of: ({ guest_nights }) => guest_nights, write: count },
    revenue: { of: (figures) => revenueIn(figures, currency), write: (cents) => money(cents, currency) },
  }
  const labels: Readonly<Record<Measure, string>> = {
    occupancy: t`Occupancy`,
    arrivals: t`Arrivals`,
    nights: t`Guest nights`,
    revenue: t`Revenue (${currency})`,
  }
  const offered: readonly Measure[] =
    group_by === 'country' ? ['arrivals', 'nights', 'revenue'] : ['occupancy', 'revenue']
  const shown = offered.find((measure) => measure === search.plot) ?? offered[0] ?? 'occupancy'
  const { of, write } = plots[shown]
  return (
    <>
      <SegmentedControl
        aria-label={t`Plot`}
        size="xs"
        mb="sm"
        value={shown}
        onChange={(plot) => change({ ...search, plot: plot as Measure })}
        data={offered.map((value) => ({ value, label: labels[value] }))}
      />
      <BarPlot
        title={labels[shown]}
        write={write}
        {...(shown === 'occupancy' && { max: 10_000 })}
        bars={groups.map((group, n) => ({
          key: group.key ?? String(n),
          name: groupName(group),
          label: labelOf(group),
          now: of(group.current),
          before: of(group.previous),
        }))}
      />
    </>
  )
}
