// Tests the jobs that delete expired occupancies and the notes of expired holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players, south } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { must } from '../../../test/steps.ts'
import { deleteExpiredNotes, expireHolds } from './expiry.ts'

const { staff, outsider, store } = await castPerTest()

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

const remaining = () =>
  rowsOf(
    'select kind, count(*)::int as n from occupancies where agency_id in ($1, $2) group by 1 order by 1',
    north,
    south,
  )

test('expired occupancies of all agencies are deleted, and no others', async () => {
  const nights = { check_in: '2031-05-10', check_out: '2031-05-12' }
  must(201, await staff.post('holds', { property_id: castProperties.lake.id, ...nights }))
  must(201, await outsider.post('holds', { property_id: castProperties.beach.id, ...nights }))
  must(201, await staff.post('bookings', { property_id: castProperties.forest.id, ...nights, num_adults: 1 }))
  assert.equal(await expireHolds(store.db), 0)
  await rowsOf(
    "update occupancies set expires_at = now() - interval '1 second' where kind = 'hold' and agency_id in ($1, $2)",
    north,
    south,
  )
  must(201, await staff.post('holds', { property_id: castProperties.town.id, ...nights }))
  assert.equal(await expireHolds(store.db), 2)
  assert.deepEqual(await remaining(), [
    { kind: 'booking', n: 1 },
    { kind: 'hold', n: 1 },
  ])
})

test('more than one batch of occupancies is deleted in several transactions', async () => {
  const day = `date '2010-01-01' + n`
  for (const [agency, property_id, user] of [
    [north, castProperties.town.id, players.staff.user_id],
    [south, castProperties.beach.id, players.outsider.user_id],
  ]) {
    await rowsOf(
      `with inserted as (
         insert into holds (agency_id, id, property_id, check_in, check_out, created_by, expires_at)
         select $1, gen_random_uuid(), $2, ${day}, ${day} + 1, $3, now() - interval '1 hour'
         from generate_series(1, 350) n returning *)
       select count(*) from inserted`,
      agency,
      property_id,
      user,
    )
  }
  await rowsOf(
    `insert into occupancies (agency_id, id, property_id, kind, hold_id, expires_at, during)
     select agency_id, gen_random_uuid(), property_id, 'hold', id, expires_at, daterange(check_in, check_out)
     from holds where agency_id in ($1, $2)`,
    north,
    south,
  )
  assert.equal(await expireHolds(store.db), 700)
  assert.deepEqual(await remaining(), [])
})

test('with an aborted signal nothing is deleted', async () => {
  must(
    201,
    await staff.post('holds', { property_id: castProperties.lake.id, check_in: '2031-05-10', check_out: '2031-05-12' }),
  )
  await rowsOf("update occupancies set expires_at = now() - interval '1 second' where agency_id = $1", north)
  assert.equal(await expireHolds(store.db, AbortSignal.abort()), 0)
  assert.deepEqual(await remaining(), [{ kind: 'hold', n: 1 }])
  assert.equal(await expireHolds(store.db), 1)
})

test('notes are deleted one day after a hold expired without a booking, and no others', async () => {
  await rowsOf('delete from occupancies where agency_id in ($1, $2)', north, south)
  await rowsOf('delete from holds where agency_id in ($1, $2)', north, south)
  const stay = { property_id: castProperties.forest.id, check_in: '2031-01-01', check_out: '2031-01-03', num_adults: 1 }
  const booking = must(201, await staff.post('bookings', stay)).body
  const insertHold = async (
    agency: string,
    property_id: string,
    age: string,
    notes: string,
    booking_id: unknown = null,
  ) =>
    rowsOf(
      `insert into holds (agency_id, id, property_id, check_in, check_out, notes, booking_id, expires_at)
       values ($1, gen_random_uuid(), $2, '2031-01-01', '2031-01-03', $3, $4, now() - $5::interval)`,
      agency,
      property_id,
      notes,
      booking_id,
      age,
    )
  await insertHold(north, castProperties.town.id, '25 hours', 'old')
  await insertHold(south, castProperties.beach.id, '25 hours', 'old')
  await insertHold(north, castProperties.town.id, '23 hours', 'fresh')
  await insertHold(north, castProperties.town.id, '-5 minutes', 'active')
  await insertHold(north, castProperties.town.id, '25 hours', 'booked', booking.id)
  assert.equal(await deleteExpiredNotes(store.db), 2)
  const kept = await rowsOf(
    'select notes from holds where notes is not null and agency_id in ($1, $2) order by 1',
    north,
    south,
  )
  assert.deepEqual(
    kept.map(({ notes }) => notes),
    ['active', 'booked', 'fresh'],
  )
  assert.equal(await deleteExpiredNotes(store.db), 0)
})
