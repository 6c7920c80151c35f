// Wire shapes of a report.
import { type Static, Type } from 'typebox'
import { Currency, LocalDate, nullable, strictObject } from '../../http/schema.ts'

export const max_report_days = 400
/** Groups in an answer. `totals` always has all. */
export const max_groups = 5000

export const ReportQuery = strictObject({
  from: LocalDate,
  to: LocalDate,
  group_by: Type.Enum(['month', 'property', 'city', 'source', 'country'] as const, { default: 'month' }),
})
export type ReportQuery = Static<typeof ReportQuery>

const sampleFigures = {
  nights_available: 31,
  nights_blocked: 0,
  nights_sold: 0,
  guest_nights: 0,
  occupancy_bp: 0,
  money: [],
  num_bookings: 0,
  num_guests: 0,
  avg_stay_nights: null,
  avg_lead_days: null,
  num_cancelled: 0,
}

const count = (description?: string) => Type.Integer(description === undefined ? {} : { description })
const average = (description: string) => nullable(Type.Number({ description }))

const Money = strictObject({
  currency: Currency,
  revenue_cents: count(),
  nights_sold: count('With a price in this currency.'),
  adr_cents: count('Average daily rate.'),
  revpar_cents: count('Revenue per available night.'),
})

const Figures = strictObject(
  {
    nights_available: count('Without blocked nights.'),
    nights_blocked: count('Of active properties.'),
    nights_sold: count(),
    guest_nights: count('Nights times guests.'),
    occupancy_bp: nullable(Type.Integer({ description: 'In hundredths of a percent.' })),
    money: Type.Array(Money),
    num_bookings: count('Stays that begin in the range.'),
    num_guests: count('In these stays.'),
    avg_stay_nights: average('All nights of these stays.'),
    avg_lead_days: average('From booking to arrival.'),
    num_cancelled: count('By their planned arrival.'),
  },
  { title: 'ReportFigures', examples: [sampleFigures] },
)
export type Figures = Static<typeof Figures>

const Group = strictObject({
  key: nullable(
    Type.String({
      description: 'YYYY-MM, or the id of a property, a city, a source, a country; null: without one.',
    }),
  ),
  name: nullable(Type.String({ description: 'The name of the property; otherwise as key.' })),
  current: Figures,
  previous: Figures,
})

export const Report = strictObject(
  {
    from: LocalDate,
    to: LocalDate,
    previous_from: Type.String({ format: 'date', description: 'The same days one year earlier.' }),
    previous_to: Type.String({ format: 'date' }),
    group_by: ReportQuery.properties.group_by,
    totals: strictObject({ current: Figures, previous: Figures }),
    groups: Type.Array(Group, { description: 'At most 5,000 of num_groups.' }),
    num_groups: Type.Integer(),
  },
  {
    title: 'Report',
    examples: [
      {
        from: '2028-01-01',
        to: '2028-02-01',
        previous_from: '2027-01-01',
        previous_to: '2027-02-01',
        group_by: 'source',
        totals: { current: sampleFigures, previous: sampleFigures },
        groups: [],
        num_groups: 0,
      },
    ],
  },
)
export type Report = Static<typeof Report>
