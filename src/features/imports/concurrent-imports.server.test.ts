// Imports that run at the same time as a booking or another import. Needs a PostgreSQL server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv, openImportFixture, outcomesOf } from '../../../test/import-fixture.ts'
import { until } from '../../../test/until.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createBooking } from '../bookings/create.ts'

const { db, importBookings, newAgency, newProperty, rows } = await openImportFixture()

const header =
  'is_canceled,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,adr'.split(
    ',',
  )
const stay = (day: number, adr = 75) => [0, 2015, 'July', day, 0, 1, 2, adr]

/** Whether a transaction waits for the lock of a property's nights, or for the lock of the agency's imports. */
async function isWaiting(): Promise<boolean> {
  const waiting = await rows(`
    select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`)
  return waiting.length > 0
}

test('a stay whose property is booked meanwhile is assigned the next property', async () => {
  const agency_id = await newAgency()
  const property_ids = [await newProperty(agency_id), await newProperty(agency_id)].sort()
  const [first = '', second] = property_ids
  const { promise: held, resolve: commit } = Promise.withResolvers<void>()
  const { promise: booked, resolve: isBooked } = Promise.withResolvers<void>()
  const other = db.tenantTx(operatorOf(agency_id), async (tx) => {
    await createBooking(tx, { property_id: first, check_in: '2015-07-01', check_out: '2015-07-03', num_adults: 1 })
    isBooked()
    await held
  })
  await booked
  const importing = importBookings(agency_id, csv(header, stay(1)), { has_assignment: true })
  await until(isWaiting)
  commit()
  await other
  assert.equal(outcomesOf(await importing), 'created 1')
  const assigned = await rows(
    `select o.property_id, o.during::text from occupancies o join bookings b on b.id = o.booking_id
     where b.agency_id = $1 and b.source = 'other'`,
    agency_id,
  )
  assert.deepEqual(assigned, [{ property_id: second, during: '[2015-07-01,2015-07-02)' }])
})

test('three simultaneous imports of one file save every stay once, without conflicts', async () => {
  const agency_id = await newAgency()
  for (let count = 0; count < 20; count += 1) await newProperty(agency_id)
  const stays = Array.from({ length: 400 }, (_, index) => stay(1 + (index % 31), 50 + index))
  const content = csv(header, ...stays)
  const importing = [1, 2, 3].map(() => importBookings(agency_id, content, { has_assignment: true }))
  await until(isWaiting)
  const reports = await Promise.all(importing)
  const sum = (outcome: 'created' | 'skipped' | 'conflict' | 'error') =>
    reports.reduce((total, report) => total + report[outcome], 0)
  assert.deepEqual([sum('created'), sum('skipped'), sum('conflict'), sum('error')], [400, 800, 0, 0])
  const [saved] = await rows('select count(*)::int from bookings where agency_id = $1', agency_id)
  assert.equal(saved?.count, 400)
})
