// Wire shapes of the booking pace.
import { type Static, Type } from 'typebox'
import { Currency, LocalDate, strictObject } from '../../http/schema.ts'

export const PaceQuery = strictObject({
  from: LocalDate,
  to: LocalDate,
  day: Type.Optional(Type.String({ ...LocalDate, description: 'Today by default.' })),
})
export type PaceQuery = Static<typeof PaceQuery>

const nothing = { num_bookings: 0, nights: 0, num_undated: 0, money: [] }

const OnTheBooks = strictObject(
  {
    num_bookings: Type.Integer(),
    nights: Type.Integer(),
    num_undated: Type.Integer({ description: 'Of them, without a known day of booking.' }),
    money: Type.Array(strictObject({ currency: Currency, revenue_cents: Type.Integer(), nights: Type.Integer() })),
  },
  { title: 'OnTheBooks', examples: [nothing] },
)
export type OnTheBooks = Static<typeof OnTheBooks>

const figures = { current: OnTheBooks, previous: OnTheBooks, previous_final: OnTheBooks }

export const Pace = strictObject(
  {
    day: LocalDate,
    previous_day: LocalDate,
    totals: strictObject(figures),
    months: Type.Array(strictObject({ month: Type.String({ description: 'YYYY-MM' }), ...figures })),
  },
  {
    title: 'Pace',
    examples: [
      {
        day: '2028-03-15',
        previous_day: '2027-03-15',
        totals: { current: nothing, previous: nothing, previous_final: nothing },
        months: [],
      },
    ],
  },
)
export type Pace = Static<typeof Pace>
