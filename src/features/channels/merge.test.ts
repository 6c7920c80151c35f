// Comparing what a channel says with what it said before and with the booking.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Revision } from '../bookings/revise.ts'
import type { ChannelBooking, ChannelFacts } from './facts.ts'
import { mergeFacts, type Topic } from './merge.ts'

const said: ChannelFacts = {
  listing: 'Lake House',
  property_id: 'lake',
  status: 'confirmed',
  cancelled_by: null,
  check_in: '2028-07-14',
  check_out: '2028-07-17',
  num_adults: 2,
  num_children: 0,
  num_infants: null,
  currency: 'EUR',
  total_cents: null,
  cleaning_fee_cents: null,
  tax_cents: null,
  payout_cents: 30_000,
  channel_fee_cents: null,
  booked_on: '2028-01-02',
}
const booked: ChannelBooking = {
  id: 'b',
  reference: 'R',
  property_id: 'lake',
  status: 'confirmed',
  check_in: '2028-07-14',
  check_out: '2028-07-17',
  num_adults: 2,
  num_children: 0,
  num_infants: 0,
  total_cents: 30_000,
  cleaning_fee_cents: 0,
  tax_cents: 0,
  refund_cents: null,
  currency: 'EUR',
  payout_cents: 30_000,
  channel_fee_cents: null,
  booked_on: '2028-01-02',
  is_split: false,
}

const cases: readonly {
  readonly name: string
  readonly last?: Partial<ChannelFacts>
  readonly now: Partial<ChannelFacts>
  readonly booking?: Partial<ChannelBooking>
  readonly revision?: Revision
  readonly disputed?: readonly Topic[]
}[] = [
  { name: 'nothing new', now: {} },
  {
    name: 'nothing new, the office changed all',
    now: {},
    booking: { check_in: '2028-07-15', num_adults: 5, total_cents: 1, status: 'no_show' },
  },
  { name: 'a later label is progress', now: { status: 'checked_out' }, revision: { status: 'checked_out' } },
  { name: 'an earlier label is not', last: { status: 'checked_out' }, now: {}, booking: { status: 'checked_out' } },
  {
    name: 'a label does not undo a check-in of the office',
    last: { status: 'pending' },
    now: {},
    booking: { status: 'checked_in' },
  },
  {
    name: 'a label does not revive what the office has cancelled',
    now: { status: 'checked_out' },
    booking: { status: 'cancelled' },
  },
  {
    name: 'a cancellation reaches a pending booking',
    now: { status: 'cancelled', payout_cents: 0 },
    booking: { status: 'pending' },
    revision: { status: 'cancelled', total_cents: 0, currency: 'EUR', payout_cents: 0 },
  },
  {
    name: 'a cancellation of a guest who is there',
    now: { status: 'cancelled' },
    booking: { status: 'checked_in' },
    disputed: ['status'],
  },
  {
    name: 'a cancellation of a guest of whom the channel said it',
    last: { status: 'checked_in' },
    now: { status: 'cancelled', payout_cents: null },
    booking: { status: 'checked_in' },
    revision: { status: 'cancelled', total_cents: 0, currency: 'EUR' },
  },
  { name: 'both have cancelled', now: { status: 'cancelled' }, booking: { status: 'cancelled' } },
  {
    name: 'a reinstated stay',
    last: { status: 'cancelled' },
    now: {},
    booking: { status: 'cancelled' },
    revision: { status: 'confirmed' },
  },
  {
    name: 'a reinstated stay that the office made a no-show',
    last: { status: 'cancelled' },
    now: {},
    booking: { status: 'no_show' },
    disputed: ['status'],
  },
  {
    name: 'other dates',
    now: { check_out: '2028-07-18' },
    revision: { check_in: '2028-07-14', check_out: '2028-07-18' },
  },
  {
    name: 'other dates that the office has entered',
    now: { check_out: '2028-07-18' },
    booking: { check_out: '2028-07-18' },
  },
  {
    name: 'other dates here and there',
    now: { check_out: '2028-07-18' },
    booking: { check_out: '2028-07-16' },
    disputed: ['dates'],
  },
  {
    name: 'other dates of a divided stay',
    now: { check_out: '2028-07-18' },
    booking: { is_split: true },
    disputed: ['dates'],
  },
  {
    name: 'other dates of a stay that is cancelled here',
    now: { check_out: '2028-07-18' },
    booking: { status: 'cancelled' },
    disputed: ['dates'],
  },
  {
    name: 'other dates of a stay that the channel cancels',
    now: { check_out: '2028-07-18', status: 'cancelled' },
    revision: { status: 'cancelled' },
  },
  { name: 'another listing', now: { listing: 'Town Flat', property_id: 'town' }, revision: { property_id: 'town' } },
  { name: 'a renamed property', now: { property_id: 'town' } },
  { name: 'a renamed listing', now: { listing: 'Lake House with sauna' } },
  {
    name: 'another listing, moved elsewhere here',
    now: { listing: 'Town Flat', property_id: 'town' },
    booking: { property_id: 'sea' },
    disputed: ['property'],
  },
  { name: 'more guests', now: { num_adults: 3 }, revision: { num_adults: 3 } },
  { name: 'more guests here and there', now: { num_adults: 3 }, booking: { num_adults: 4 }, disputed: ['people'] },
  { name: 'a count that the file does not have', now: { num_adults: null } },
  {
    name: 'another payout',
    now: { payout_cents: 28_000 },
    revision: { total_cents: 28_000, currency: 'EUR', payout_cents: 28_000 },
  },
  {
    name: 'another payout, another price here',
    now: { payout_cents: 28_000 },
    booking: { total_cents: 35_000 },
    revision: { payout_cents: 28_000 },
    disputed: ['price'],
  },
  {
    name: 'a price from another file',
    now: { total_cents: 32_000 },
    revision: { total_cents: 32_000, currency: 'EUR' },
  },
  { name: 'a payout beside a known price', last: { total_cents: 32_000 }, now: {}, booking: { total_cents: 32_000 } },
  {
    name: 'a cancellation without amounts',
    now: { status: 'cancelled', payout_cents: null },
    revision: { status: 'cancelled', total_cents: 0, currency: 'EUR' },
  },
  {
    name: 'a total below what was refunded',
    last: { status: 'cancelled' },
    now: { status: 'cancelled', payout_cents: 0 },
    booking: { status: 'cancelled', refund_cents: 100 },
    revision: { payout_cents: 0 },
  },
]

for (const { name, last = {}, now, booking = {}, revision = {}, disputed = [] } of cases) {
  test(name, () => {
    const before = { ...said, ...last }
    const merge = mergeFacts(before, { ...said, ...now }, { ...booked, ...booking })
    assert.deepEqual([merge.revision, merge.disputed], [revision, disputed])
    const after = { ...booked, ...booking, ...merge.revision } as ChannelBooking
    const again = mergeFacts(merge.applied, { ...said, ...now }, after)
    assert.deepEqual([again.revision, again.disputed], [{}, disputed])
  })
}
