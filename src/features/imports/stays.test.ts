// Proves that each stay gets the first home that is free and large enough, decided by the ledger, once and for all.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv, fileOf, importStage, outcomesOf, problemsOf } from '../../../test/import-fixture.ts'
import type { Database } from '../../core/postgres/database.ts'
import { DatabaseUnavailableError } from '../../core/server-errors.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { createBooking } from '../bookings/bookings.ts'
import { updateProperty } from '../properties/properties.ts'
import { importBookings as runBookings } from './imports.ts'

const { db, importBookings, newAgency, newHome, rows } = await importStage()

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

const assign = (agency_id: string, content: string, more = {}) =>
  importBookings(agency_id, content, { has_assignment: true, ...more })

/** `<place of the home> <nights in the ledger>` of every imported booking, sorted. */
async function placed(agency_id: string, homes: readonly string[]): Promise<string[]> {
  const found = await rows(
    `select b.property_id, (select o.during::text from occupancies o where o.booking_id = b.id) as nights
     from bookings b where b.agency_id = $1 and b.external_code is not null`,
    agency_id,
  )
  return found.map(({ property_id, nights }) => `${homes.indexOf(String(property_id))} ${nights ?? 'none'}`).sort()
}

/** An agency with homes of these sizes, in the order of their ids: two of one millisecond have no order of creation. */
async function inn(...sizes: number[]): Promise<{ agency_id: string; homes: string[] }> {
  const agency_id = await newAgency()
  const homes: string[] = []
  for (const place of sizes.keys()) homes.push(await newHome(agency_id, { name: `Home ${99 - place}` }))
  homes.sort()
  for (const [place, size] of sizes.entries()) {
    await rows('update properties set max_guests = $2 where id = $1', homes[place], size)
  }
  return { agency_id, homes }
}

test('the first home in order of creation that is free and large enough; the departure day is free', async () => {
  const { agency_id, homes } = await inn(2, 4, 2)
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
  assert.deepEqual(await placed(agency_id, homes), [
    '0 [2015-07-01,2015-07-03)',
    '0 [2015-07-03,2015-07-04)',
    '1 [2015-07-02,2015-07-04)',
    '1 [2015-07-05,2015-07-07)',
    '2 [2015-07-02,2015-07-03)',
  ])
})

test('a stay without a free home, and one that is too large for all, are conflicts with their reason', async () => {
  const { agency_id } = await inn(2, 3)
  const report = await assign(agency_id, csv(header, stay(), stay(), stay(), stay({ adults: 5 })))
  assert.equal(outcomesOf(report), 'created 2, conflict 2')
  assert.deepEqual(problemsOf(report), [
    '4 null: no active property for 2 guests is free from 2015-07-01 to 2015-07-03',
    '5 null: no active property takes 5 guests; the largest takes 3',
  ])
})

test('an agency without homes gets conflicts, not a failure', async () => {
  const report = await assign(await newAgency(), csv(header, stay(), stay({ status: 'Canceled' })))
  assert.equal(outcomesOf(report), 'conflict 2')
})

test('cancelled stays and no-shows take no nights and stand in the first home that is large enough', async () => {
  const { agency_id, homes } = await inn(2, 4)
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
  assert.deepEqual(await placed(agency_id, homes), ['0 [2015-07-01,2015-07-03)', '0 none', '0 none', '1 none'])
  const [cancelled] = await rows(
    `select cancelled_at, status from bookings where agency_id = $1 and status = 'cancelled' limit 1`,
    agency_id,
  )
  assert.equal(new Date(String(cancelled?.cancelled_at)).toISOString(), '2015-06-15T00:00:00.000Z')
})

test('inactive and deleted homes take no stay', async () => {
  const { agency_id, homes } = await inn(2, 2, 2)
  await db.tenantTx(operatorOf(agency_id), (tx) => updateProperty(tx, homes[0] ?? '', { is_active: false }))
  await rows('update properties set deleted_at = now(), is_active = false where id = $1', homes[1])
  await assign(agency_id, csv(header, stay(), stay({ status: 'Canceled' })))
  assert.deepEqual(await placed(agency_id, homes), ['2 [2015-07-01,2015-07-03)', '2 none'])
})

test('nights that others booked are found in the ledger: the stay goes to the next free home', async () => {
  const { agency_id, homes } = await inn(...Array(70).fill(2))
  for (const property_id of homes.slice(0, 69)) {
    await db.tenantTx(operatorOf(agency_id), (tx) =>
      createBooking(tx, { property_id, check_in: '2015-07-02', check_out: '2015-07-03', num_adults: 1 }),
    )
  }
  const report = await assign(agency_id, csv(header, stay({ day: 1 }), stay({ day: 1, nights: 1 }), stay({ day: 2 })))
  assert.equal(outcomesOf(report), 'created 2, conflict 1')
  assert.deepEqual(await placed(agency_id, homes), ['0 [2015-07-01,2015-07-02)', '69 [2015-07-01,2015-07-03)'])
})

test('identical rows are distinct stays, and a second import finds each of them again', async () => {
  const { agency_id } = await inn(2, 2, 2, 2)
  const content = csv(header, stay(), stay(), stay({ adr: '80' }))
  assert.equal(outcomesOf(await assign(agency_id, content)), 'created 3')
  const trace = () =>
    rows('select id, version, external_code from bookings where agency_id = $1 order by id', agency_id)
  const before = await trace()
  assert.equal(new Set(before.map(({ external_code }) => external_code)).size, 3)
  assert.equal(outcomesOf(await assign(agency_id, content)), 'skipped 3')
  assert.deepEqual(await trace(), before)
  const more = csv(header, stay(), stay({ adr: '80' }), stay(), stay())
  assert.equal(outcomesOf(await assign(agency_id, more)), 'created 1, skipped 3')
})

test('a stay is known again from its own columns, whatever else the file says and however it is written', async () => {
  const { agency_id } = await inn(2)
  await assign(agency_id, csv(header, stay()))
  const turned = [...header].reverse().join(';')
  const again = `\u{FEFF}${turned};meal\n${stay().reverse().join(';')};BB\n`
  assert.equal(outcomesOf(await assign(agency_id, again)), 'skipped 1')
})

test('rates are euros as the data set documents, or what --currency says', async () => {
  const { agency_id } = await inn(2, 2)
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

test('a dry run sees its own earlier rows, reports the same as the import, and saves nothing', async () => {
  const { agency_id } = await inn(2, 2)
  const apart = Array.from({ length: 14 }, (_, index) => stay({ day: 1 + 2 * index }))
  const content = csv(
    header,
    ...apart,
    ...apart,
    ...apart,
    stay({ nights: 0 }),
    ...Array(60).fill(stay({ status: 'Canceled' })),
  )
  const rehearsal = await assign(agency_id, content, { is_dry_run: true })
  assert.equal(outcomesOf(rehearsal), 'created 88, conflict 14, error 1')
  assert.deepEqual(await rows('select id from bookings where agency_id = $1', agency_id), [])
  assert.deepEqual(await rows('select id from occupancies where agency_id = $1', agency_id), [])
  assert.deepEqual(await assign(agency_id, content), rehearsal)
})

test('an import that is cut short keeps what it saved, and a second run completes it', async () => {
  const { agency_id } = await inn(2, 2)
  const content = csv(
    header,
    ...Array.from({ length: 400 }, (_, index) => stay({ status: 'Canceled', adr: String(index) })),
  )
  const request = {
    file: fileOf(content),
    agency_id,
    has_assignment: true,
    currency: undefined,
    date_order: undefined,
    is_dry_run: false,
  }
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

test('a batch that the database had to run twice counts once, and its stays still get the first free home', async () => {
  const { agency_id, homes } = await inn(2, 2)
  let attempts = 0
  const contended: Database = {
    ...db,
    tenantTx: async (actor, work) => {
      const rolled_back = db.tenantTx(actor, async (tx) => {
        attempts += 1
        await work(tx)
        throw new Error('lost against another transaction')
      })
      await rolled_back.catch(() => undefined)
      return db.tenantTx(actor, async (tx) => {
        attempts += 1
        return work(tx)
      })
    },
  }
  const file = fileOf(csv(header, stay(), stay()))
  const request = {
    file,
    agency_id,
    has_assignment: true,
    currency: undefined,
    date_order: undefined,
    is_dry_run: false,
  }
  assert.equal(outcomesOf(await runBookings(contended, request)), 'created 2')
  assert.equal(attempts, 2)
  assert.deepEqual(await placed(agency_id, homes), ['0 [2015-07-01,2015-07-03)', '1 [2015-07-01,2015-07-03)'])
})

test('a file without units needs --assign, and a file of neither kind names the columns it lacks', async () => {
  const { agency_id } = await inn(2)
  await assert.rejects(importBookings(agency_id, csv(header, stay())), /names no unit: add --assign/)
  await assert.rejects(importBookings(agency_id, 'a,b\n1,2\n'), /Expected columns: .* Missing: /)
  const lacking = csv(header.filter((name) => name !== 'adr'))
  await assert.rejects(assign(agency_id, lacking), /kind "stays without a unit.*Missing: adr\./)
})
