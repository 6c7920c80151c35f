// A report as CSV, as spreadsheets of the language read it.
import { byteOrderMark, csvLine } from '../../../../src/core/csv.ts'
import type { Schema } from '../../api/client.ts'

type Report = Schema['Report']
type Figures = Schema['ReportFigures']

const figuresOf = ({ nights_available, nights_sold, occupancy_bp, num_bookings, num_cancelled }: Figures) => [
  nights_available,
  nights_sold,
  occupancy_bp === null ? null : occupancy_bp / 100,
  num_bookings,
  num_cancelled,
]

/** One line for each group and currency; amounts with a decimal point, in the unit of the currency's cents. */
export function csvOf({ groups }: Report, nameOf: (group: Report['groups'][number]) => string): string {
  const head = [
    'group',
    'nights_available',
    'nights_sold',
    'occupancy_percent',
    'bookings',
    'cancelled',
    'currency',
    'revenue_cents',
    'average_daily_rate_cents',
    'revenue_per_available_night_cents',
    'previous_nights_sold',
    'previous_occupancy_percent',
  ]
  const rows = groups.flatMap((group) => {
    const { current, previous } = group
    const before = [previous.nights_sold, previous.occupancy_bp === null ? null : previous.occupancy_bp / 100]
    const money = current.money.length === 0 ? [undefined] : current.money
    return money.map((sum) =>
      csvLine([
        nameOf(group),
        ...figuresOf(current),
        sum?.currency ?? null,
        sum?.revenue_cents ?? null,
        sum?.adr_cents ?? null,
        sum?.revpar_cents ?? null,
        ...before,
      ]),
    )
  })
  return [byteOrderMark, csvLine(head), ...rows].join('')
}
