// Reports as CSV, as spreadsheets of the language read them.
import { byteOrderMark, csvLine } from '../../../../src/core/csv.ts'
import type { Schema } from '../../api/client.ts'
import { currenciesOf, sumIn } from './parts/money-of.ts'

type Report = Schema['Report']
type Figures = Schema['ReportFigures']
type Cells = readonly (string | number | null)[]

const counts = [
  'nights_available',
  'nights_sold',
  'guest_nights',
  'num_bookings',
  'num_guests',
  'num_cancelled',
] as const
const amounts = ['revenue_cents', 'adr_cents', 'revpar_cents'] as const

const countsOf = (figures: Figures): Cells => [
  ...counts.map((name) => figures[name]),
  figures.occupancy_bp === null ? null : figures.occupancy_bp / 100,
]

/** Without a currency or revenue in it: empty cells. */
const amountsOf = (figures: Figures, currency: string | null): Cells => {
  const sum = currency === null ? undefined : sumIn(figures, currency)
  return amounts.map((name) => sum?.[name] ?? null)
}

/** One line for each group and currency: the figures, then those of the year before. Amounts are in minor units. */
export function csvOf({ groups }: Report, nameOf: (group: Report['groups'][number]) => string): string {
  const head = [...counts, 'occupancy_percent', ...amounts]
  const rows = groups.flatMap((group) => {
    const { current, previous } = group
    return linesOf([current, previous]).map((currency) =>
      csvLine([
        nameOf(group),
        currency,
        ...[current, previous].flatMap((figures) => [...countsOf(figures), ...amountsOf(figures, currency)]),
      ]),
    )
  })
  return fileOf(['group', 'currency', ...head, ...head.map((name) => `previous_${name}`)], rows)
}

/** One line for each month and currency; bookings and nights are those of all currencies. Amounts are in minor units. */
export function paceCsvOf({ months }: Schema['Pace']): string {
  const figures = ['current', 'previous', 'previous_final'] as const
  const names = ['bookings', 'nights', 'undated', 'revenue_cents']
  const rows = months.flatMap((month) => {
    const books = figures.map((name) => month[name])
    return linesOf(books).map((currency) =>
      csvLine([
        month.month,
        currency,
        ...books.flatMap((one) => {
          const sum = currency === null ? undefined : sumIn(one, currency)
          return [one.num_bookings, one.nights, one.num_undated, sum?.revenue_cents ?? null]
        }),
      ]),
    )
  })
  return fileOf(['month', 'currency', ...figures.flatMap((figure) => names.map((name) => `${figure}_${name}`))], rows)
}

/** The currencies of the lines of a group; one line without a currency when there is no revenue. */
function linesOf(figures: Parameters<typeof currenciesOf>[0]): (string | null)[] {
  const currencies = currenciesOf(figures)
  return currencies.length === 0 ? [null] : currencies
}

function fileOf(head: readonly string[], rows: readonly string[]): string {
  return [byteOrderMark, csvLine([...head]), ...rows].join('')
}
