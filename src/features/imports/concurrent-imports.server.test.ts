// Imports that run at the same time as a booking or another import. Needs a PostgreSQL server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf } from '../../../test/import-fixture.ts'
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

const reservation = (code: string, from: number, to: number, listing: string) => {
  const day = (number: number) => `2028-07-${String(number).padStart(2, '0')}`
  return [code, 'Confirmed', 2, day(from), day(to), listing]
}
const reservations = (...rows: (string | number)[][]) =>
  csv(['Confirmation code', 'Status', '# of adults', 'Start date', 'End date', 'Listing'], ...rows)

test('simultaneous imports of one reservations file save every stay and every conflict once', async () => {
  const agency_id = await newAgency()
  const homes = Array.from({ length: 10 }, (_, index) => `Home ${index}`)
  for (const name of homes) await newProperty(agency_id, { name })
  const stays = homes.flatMap((name, home) =>
    Array.from({ length: 14 }, (_, index) => reservation(`H${home}-${index}`, 1 + 2 * index, 3 + 2 * index, name)),
  )
  const content = reservations(...stays, reservation('X', 2, 4, 'Home 0'))
  const reports = await Promise.all([1, 2, 3].map(() => importBookings(agency_id, content)))
  const sum = (outcome: 'created' | 'skipped' | 'conflict' | 'error') =>
    reports.reduce((total, report) => total + report[outcome], 0)
  assert.deepEqual([sum('created'), sum('skipped'), sum('conflict'), sum('error')], [140, 280, 3, 0])
  const [saved] = await rows(
    `select (select count(*)::int from bookings where agency_id = $1) as bookings,
       (select count(*)::int from channel_bookings where agency_id = $1) as facts,
       (select count(*)::int from booking_conflicts where agency_id = $1) as conflicts`,
    agency_id,
  )
  assert.deepEqual(saved, { bookings: 140, facts: 140, conflicts: 1 })
})

test('a booking of the office and an import for the same nights: one has them, the other is told', async () => {
  const agency_id = await newAgency()
  const property_id = await newProperty(agency_id, { name: 'Home' })
  for (let index = 0; index < 8; index += 1) {
    const day = String(1 + index).padStart(2, '0')
    const next = String(2 + index).padStart(2, '0')
    const stay = { property_id, check_in: `2028-07-${day}`, check_out: `2028-07-${next}`, num_adults: 1 }
    const [report, direct] = await Promise.all([
      importBookings(agency_id, reservations(reservation(`R${index}`, 1 + index, 2 + index, 'Home'))),
      db
        .tenantTx(operatorOf(agency_id), (tx) => createBooking(tx, stay))
        .then(
          () => 'booked',
          (error: { entry?: { code: string } }) => error.entry?.code,
        ),
    ])
    const imported = report.created === 1
    assert.deepEqual([direct, report.conflict], imported ? ['BOOKING_CONFLICT', 0] : ['booked', 1])
  }
})
