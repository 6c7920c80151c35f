// The figures of each group beside those of the year before, with the totals.
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Schema } from '../../../api/client.ts'
import { useMoney } from '../../../locales/money.ts'
import { type FigureColumn, FigureTable } from './figure-table.tsx'
import { useCount, usePercent } from './formats.ts'
import { currenciesOf, sumIn } from './money-of.ts'
import type { Group } from './use-group-name.ts'

type Figures = Schema['ReportFigures']
type Pair = Pick<Group, 'current' | 'previous'>
type MoneyField = 'revenue_cents' | 'adr_cents' | 'revpar_cents'

interface Props {
  readonly report: Schema['Report']
  readonly groupName: (group: Group) => string
}

export function ReportTable({ report: { groups, group_by, totals, num_groups }, groupName }: Props) {
  const { t } = useLingui()
  const columns = useColumns(group_by === 'country')
  return (
    <FigureTable
      label={t`Report`}
      columns={columns}
      rows={groups.map((group, n) => ({ key: group.key ?? String(n), name: groupName(group), of: group }))}
      total={totals}
      note={
        num_groups > groups.length && (
          <Trans>
            The first {groups.length} of {num_groups}; the total has all.
          </Trans>
        )
      }
    />
  )
}

function useColumns(is_by_country: boolean): FigureColumn<Pair>[] {
  const money = useMoney()
  const percent = usePercent()
  const count = useCount()
  const pair = (key: string, title: ReactNode, write: (figures: Figures, pair: Pair) => ReactNode) => [
    { key, title, cell: (row: Pair) => write(row.current, row) },
    {
      key: `${key} before`,
      title: <Trans>Year before</Trans>,
      is_before: true,
      cell: (row: Pair) => write(row.previous, row),
    },
  ]
  const one = (key: string, title: ReactNode, write: (figures: Figures) => ReactNode) => {
    return { key, title, cell: ({ current }: Pair) => write(current) }
  }
  // A line for each currency of both years, so that they are side by side.
  const sums =
    (field: MoneyField) =>
    (figures: Figures, { current, previous }: Pair) =>
      currenciesOf([current, previous]).map((currency) => {
        const sum = sumIn(figures, currency)
        return <div key={currency}>{sum === undefined ? '–' : money(sum[field], currency)}</div>
      })
  const revenue = pair('revenue', <Trans>Revenue</Trans>, sums('revenue_cents'))
  if (is_by_country) {
    return [
      ...pair('arrivals', <Trans>Arrivals</Trans>, ({ num_bookings }) => count(num_bookings)),
      one('guests', <Trans>Guests</Trans>, ({ num_guests }) => count(num_guests)),
      one('nights', <Trans>Nights sold</Trans>, ({ nights_sold }) => count(nights_sold)),
      ...pair('guest nights', <Trans>Guest nights</Trans>, ({ guest_nights }) => count(guest_nights)),
      ...revenue,
    ]
  }
  return [
    ...pair('occupancy', <Trans>Occupancy</Trans>, ({ occupancy_bp }) => percent(occupancy_bp)),
    ...pair('nights', <Trans>Nights sold</Trans>, ({ nights_sold }) => count(nights_sold)),
    one('bookings', <Trans>Bookings</Trans>, ({ num_bookings }) => count(num_bookings)),
    ...revenue,
    ...pair('rate', <Trans>Average rate</Trans>, sums('adr_cents')),
    ...pair('revpar', <Trans>Per available night</Trans>, sums('revpar_cents')),
  ]
}
