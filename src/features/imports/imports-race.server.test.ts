// Proves on a real server that an import loses no race: against a booking under way, and against a second import.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv, importStage, outcomesOf } from '../../../test/import-fixture.ts'
import { until } from '../../../test/until.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { createBooking } from '../bookings/bookings.ts'

const { db, importBookings, newAgency, newHome, rows } = await importStage()

const header =
  'is_canceled,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,adr'.split(
    ',',
  )
const stay = (day: number, adr = 75) => [0, 2015, 'July', day, 0, 1, 2, adr]

/** Whether a transaction waits for the nights of a property, or for its turn to import. */
async function someoneWaits(): Promise<boolean> {
  const waiting = await rows(`
    select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`)
  return waiting.length > 0
}

test('a home that is booked while the import waits for it goes to the other guest, the stay to the next home', async () => {
  const agency_id = await newAgency()
  const homes = [await newHome(agency_id), await newHome(agency_id)].sort()
  const [first = '', second] = homes
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: booked, resolve: isBooked } = Promise.withResolvers<void>()
  const other = db.tenantTx(operatorOf(agency_id), async (tx) => {
    await createBooking(tx, { property_id: first, check_in: '2015-07-01', check_out: '2015-07-03', num_adults: 1 })
    isBooked()
    await held
  })
  await booked
  const importing = importBookings(agency_id, csv(header, stay(1)), { has_assignment: true })
  await until(someoneWaits)
  letGo()
  await other
  assert.equal(outcomesOf(await importing), 'created 1')
  const placed = await rows(
    `select o.property_id, o.during::text from occupancies o join bookings b on b.id = o.booking_id
     where b.agency_id = $1 and b.source = 'other'`,
    agency_id,
  )
  assert.deepEqual(placed, [{ property_id: second, during: '[2015-07-01,2015-07-02)' }])
})

test('three imports of one file at once save every stay once, and none calls the other a conflict', async () => {
  const agency_id = await newAgency()
  for (let home = 0; home < 20; home += 1) await newHome(agency_id)
  const stays = Array.from({ length: 400 }, (_, index) => stay(1 + (index % 31), 50 + index))
  const content = csv(header, ...stays)
  const importing = [1, 2, 3].map(() => importBookings(agency_id, content, { has_assignment: true }))
  await until(someoneWaits)
  const reports = await Promise.all(importing)
  const sum = (outcome: 'created' | 'skipped' | 'conflict' | 'error') =>
    reports.reduce((total, report) => total + report[outcome], 0)
  assert.deepEqual([sum('created'), sum('skipped'), sum('conflict'), sum('error')], [400, 800, 0, 0])
  const [saved] = await rows('select count(*)::int from bookings where agency_id = $1', agency_id)
  assert.equal(saved?.count, 400)
})
