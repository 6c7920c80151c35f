// Importing stays without a unit: each gets the first property that is free and large enough.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv, fileOf } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf, problemsOf } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { DatabaseUnavailableError } from '../../core/server-errors.ts'
import { createBooking } from '../bookings/create.ts'
import { updateProperty } from '../properties/properties.ts'
import { type BookingsRequest, importBookings as runBookings } from './imports.ts'

const { db, importBookings, newAgency, newProperty, rows } = await openImportFixture()

const header =
  'hotel,is_canceled,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,adr,reservation_status,reservation_status_date'.split(
    ',',
  )

interface Cells {
  day?: number
  nights?: number
  adults?: number
  children?: number | string
  status?: 'Check-Out' | 'Canceled' | 'No-Show'
  adr?: string
}

const stay = ({ day = 1, nights = 2, adults = 2, children = 0, status = 'Check-Out', adr = '75' }: Cells = {}) => [
  'Resort',
  status === 'Check-Out' ? 0 : 1,
  2015,
  'July',
  day,
  0,
  nights,
  adults,
  children,
  0,
  adr,
  status,
  '6/15/2015',
]

/** For `runBookings` on a database other than the fixture's. */
const requestOf = (agency_id: string, content: string): BookingsRequest => ({
  file: fileOf(content),
  agency_id,
  has_assignment: true,
  currency: undefined,
  date_order: undefined,
  is_dry_run: false,
})

const assign = (agency_id: string, content: string, more = {}) =>
  importBookings(agency_id, content, { has_assignment: true, ...more })

/** `<index of the property> <occupied nights>` of every imported booking, sorted. */
async function assigned(agency_id: string, property_ids: readonly string[]): Promise<string[]> {
  const found = await rows(
    `select b.property_id, (select o.during::text from occupancies o where o.booking_id = b.id) as nights
     from bookings b where b.agency_id = $1 and b.external_code is not null`,
    agency_id,
  )
  return found
    .map(({ property_id, nights }) => `${property_ids.indexOf(String(property_id))} ${nights ?? 'none'}`)
    .sort()
}

/** An agency with properties for this many guests, in the order of their ids. */
async function newProperties(...sizes: number[]): Promise<{ agency_id: string; property_ids: string[] }> {
  const agency_id = await newAgency()
  const property_ids: string[] = []
  for (const index of sizes.keys()) property_ids.push(await newProperty(agency_id, { name: `Property ${99 - index}` }))
  // Two ids of the same millisecond are not in the order of creation.
  property_ids.sort()
  for (const [index, size] of sizes.entries()) {
    await rows('update properties set max_guests = $2 where id = $1', property_ids[index], size)
  }
  return { agency_id, property_ids }
}

test('a stay gets the first free property in order of creation; the departure day is free', async () => {
  const { agency_id, property_ids } = await newProperties(2, 4, 2)
  const report = await assign(
    agency_id,
    csv(
      header,
      stay({ day: 1, nights: 2 }),
      stay({ day: 2, nights: 2 }),
      stay({ day: 2, nights: 1 }),
      stay({ day: 3, nights: 1 }),
      stay({ day: 5, adults: 2, children: 1 }),
    ),
  )
  assert.equal(outcomesOf(report), 'created 5')
  assert.deepEqual(await assigned(agency_id, property_ids), [
    '0 [2015-07-01,2015-07-03)',
    '0 [2015-07-03,2015-07-04)',
    '1 [2015-07-02,2015-07-04)',
    '1 [2015-07-05,2015-07-07)',
    '2 [2015-07-02,2015-07-03)',
  ])
})

test('a stay without a free or large enough property is a conflict with a reason', async () => {
  const { agency_id } = await newProperties(2, 3)
  const report = await assign(agency_id, csv(header, stay(), stay(), stay(), stay({ adults: 5 })))
  assert.equal(outcomesOf(report), 'created 2, conflict 2')
  assert.deepEqual(problemsOf(report), [
    '4 null: no active property for 2 guests is free from 2015-07-01 to 2015-07-03',
    '5 null: no active property takes 5 guests; the largest takes 3',
  ])
})

test('without properties every stay is a conflict', async () => {
  const report = await assign(await newAgency(), csv(header, stay(), stay({ status: 'Canceled' })))
  assert.equal(outcomesOf(report), 'conflict 2')
})

test('cancelled stays and no-shows occupy no nights', async () => {
  const { agency_id, property_ids } = await newProperties(2, 4)
  await assign(
    agency_id,
    csv(
      header,
      stay(),
      stay({ status: 'Canceled' }),
      stay({ status: 'No-Show' }),
      stay({ status: 'Canceled', adults: 3 }),
    ),
  )
  assert.deepEqual(await assigned(agency_id, property_ids), ['0 [2015-07-01,2015-07-03)', '0 none', '0 none', '1 none'])
  const [cancelled] = await rows(
    `select cancelled_at, status from bookings where agency_id = $1 and status = 'cancelled' limit 1`,
    agency_id,
  )
  assert.equal(new Date(String(cancelled?.cancelled_at)).toISOString(), '2015-06-15T00:00:00.000Z')
})

test('inactive and deleted properties get no stay', async () => {
  const { agency_id, property_ids } = await newProperties(2, 2, 2)
  await db.tenantTx(operatorOf(agency_id), (tx) => updateProperty(tx, property_ids[0] ?? '', { is_active: false }))
  await rows('update properties set deleted_at = now(), is_active = false where id = $1', property_ids[1])
  await assign(agency_id, csv(header, stay(), stay({ status: 'Canceled' })))
  assert.deepEqual(await assigned(agency_id, property_ids), ['2 [2015-07-01,2015-07-03)', '2 none'])
})

test('a stay skips properties whose nights are occupied by other bookings', async () => {
  const { agency_id, property_ids } = await newProperties(...Array(70).fill(2))
  for (const property_id of property_ids.slice(0, 69)) {
    await db.tenantTx(operatorOf(agency_id), (tx) =>
      createBooking(tx, { property_id, check_in: '2015-07-02', check_out: '2015-07-03', num_adults: 1 }),
    )
  }
  const report = await assign(agency_id, csv(header, stay({ day: 1 }), stay({ day: 1, nights: 1 }), stay({ day: 2 })))
  assert.equal(outcomesOf(report), 'created 2, conflict 1')
  assert.deepEqual(await assigned(agency_id, property_ids), ['0 [2015-07-01,2015-07-02)', '69 [2015-07-01,2015-07-03)'])
})

test('identical rows are separate stays, and a second import finds each of them', async () => {
  const { agency_id } = await newProperties(2, 2, 2, 2)
  const content = csv(header, stay(), stay(), stay({ adr: '80' }))
  assert.equal(outcomesOf(await assign(agency_id, content)), 'created 3')
  const snapshot = () =>
    rows('select id, version, external_code from bookings where agency_id = $1 order by id', agency_id)
  const before = await snapshot()
  assert.equal(new Set(before.map(({ external_code }) => external_code)).size, 3)
  assert.equal(outcomesOf(await assign(agency_id, content)), 'skipped 3')
  assert.deepEqual(await snapshot(), before)
  const more = csv(header, stay(), stay({ adr: '80' }), stay(), stay())
  assert.equal(outcomesOf(await assign(agency_id, more)), 'created 1, skipped 3')
})

test('a stay is identified by the columns of the format, in any order and delimiter', async () => {
  const { agency_id } = await newProperties(2)
  await assign(agency_id, csv(header, stay()))
  const turned = [...header].reverse().join(';')
  const again = `\u{FEFF}${turned};meal\n${stay().reverse().join(';')};BB\n`
  assert.equal(outcomesOf(await assign(agency_id, again)), 'skipped 1')
})

test('rates are in EUR, or in the currency of --currency', async () => {
  const { agency_id } = await newProperties(2, 2)
  const report = await assign(agency_id, csv(header, stay({ adr: '107.125', nights: 3 })))
  assert.match(report.notes.join(), /adr is read as EUR/)
  await assign(agency_id, csv(header, stay({ adr: '99.5' })), { currency: 'JPY' })
  const money = await rows(
    `select currency, nightly_rate_cents::int, total_cents::int from bookings where agency_id = $1 order by currency`,
    agency_id,
  )
  assert.deepEqual(money, [
    { currency: 'EUR', nightly_rate_cents: 10_713, total_cents: 32_139 },
    { currency: 'JPY', nightly_rate_cents: 100, total_cents: 200 },
  ])
})

test('a dry run sees its own earlier rows, reports the same and saves nothing', async () => {
  const { agency_id } = await newProperties(2, 2)
  const apart = Array.from({ length: 14 }, (_, index) => stay({ day: 1 + 2 * index }))
  const content = csv(
    header,
    ...apart,
    ...apart,
    ...apart,
    stay({ nights: 0 }),
    ...Array(60).fill(stay({ status: 'Canceled' })),
  )
  const dry_run = await assign(agency_id, content, { is_dry_run: true })
  assert.equal(outcomesOf(dry_run), 'created 88, conflict 14, error 1')
  assert.deepEqual(await rows('select id from bookings where agency_id = $1', agency_id), [])
  assert.deepEqual(await rows('select id from occupancies where agency_id = $1', agency_id), [])
  assert.deepEqual(await assign(agency_id, content), dry_run)
})

test('an interrupted import keeps its saved batches, and a second run completes it', async () => {
  const { agency_id } = await newProperties(2, 2)
  const content = csv(
    header,
    ...Array.from({ length: 400 }, (_, index) => stay({ status: 'Canceled', adr: String(index) })),
  )
  const request = requestOf(agency_id, content)
  let transactions = 0
  const failing: Database = {
    ...db,
    tenantTx: (actor, work) => {
      transactions += 1
      return transactions === 3 ? Promise.reject(new DatabaseUnavailableError()) : db.tenantTx(actor, work)
    },
  }
  await assert.rejects(runBookings(failing, request), DatabaseUnavailableError)
  const [kept] = await rows('select count(*)::int from bookings where agency_id = $1', agency_id)
  assert.ok(transactions === 3 && Number(kept?.count) > 0 && Number(kept?.count) < 400)
  const report = await runBookings(db, request)
  assert.deepEqual([report.skipped, report.created], [kept?.count, 400 - Number(kept?.count)])
})

test('a batch that is retried counts once, and its stays get the first free property', async () => {
  const { agency_id, property_ids } = await newProperties(2, 2)
  let attempts = 0
  const contended: Database = {
    ...db,
    tenantTx: async (actor, work) => {
      const rolled_back = db.tenantTx(actor, async (tx) => {
        attempts += 1
        await work(tx)
        throw new Error('serialization failure')
      })
      await rolled_back.catch(() => undefined)
      return db.tenantTx(actor, async (tx) => {
        attempts += 1
        return work(tx)
      })
    },
  }
  const request = requestOf(agency_id, csv(header, stay(), stay()))
  assert.equal(outcomesOf(await runBookings(contended, request)), 'created 2')
  assert.equal(attempts, 2)
  assert.deepEqual(await assigned(agency_id, property_ids), ['0 [2015-07-01,2015-07-03)', '1 [2015-07-01,2015-07-03)'])
})

test('a file without units needs --assign; an unknown file is rejected with its missing columns', async () => {
  const { agency_id } = await newProperties(2)
  await assert.rejects(importBookings(agency_id, csv(header, stay())), /names no unit: add --assign/)
  await assert.rejects(importBookings(agency_id, 'a,b\n1,2\n'), /Expected columns: .* Missing: /)
  const lacking = csv(header.filter((name) => name !== 'adr'))
  await assert.rejects(assign(agency_id, lacking), /format "stays without a unit.*Missing: adr\./)
})
