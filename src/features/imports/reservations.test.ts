// Importing Airbnb's reservations export as bookings, and importing a later export of the same stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf, problemsOf } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createBooking } from '../bookings/create.ts'
import { deleteBooking } from '../bookings/delete.ts'

const { db, importBookings, newAgency, newProperty, rows } = await openImportFixture()

const header =
  'Confirmation code,Status,Guest name,Contact,# of adults,# of children,# of infants,Start date,End date,# of nights,Booked,Listing,Earnings'.split(
    ',',
  )

interface Cells {
  status?: string
  guest?: string
  adults?: string
  from?: string
  to?: string
  nights?: string
  listing?: string
  earnings?: string
}

const reservation = (code: string, cells: Cells = {}) => {
  const { status = 'Confirmed', guest = 'Ada Lovelace', adults = '2', nights = '' } = cells
  const { from = '2025-07-14', to = '2025-07-17', listing = 'Lake House', earnings = '€412.50' } = cells
  return [code, status, guest, '', adults, '1', '', from, to, nights, '2025-01-01', listing, earnings]
}

async function lakeHouse(): Promise<{ agency_id: string; property_id: string }> {
  const agency_id = await newAgency()
  return { agency_id, property_id: await newProperty(agency_id, { name: 'Lake House' }) }
}

const saved = (agency_id: string) =>
  rows(
    `select b.external_code, b.status, b.check_in::text, b.check_out::text, b.num_adults, b.num_children,
       b.total_cents::int, b.currency, b.cancelled_by, b.source, b.payment_status, b.version, b.property_id,
       (select o.during::text from occupancies o where o.booking_id = b.id) as nights
     from bookings b where b.agency_id = $1 order by b.external_code`,
    agency_id,
  )

async function snapshot(agency_id: string) {
  const counts = await rows(
    `select (select count(*)::int from audit_log where agency_id = $1) as audit,
       (select count(*)::int from guests where agency_id = $1) as guests`,
    agency_id,
  )
  return { bookings: await saved(agency_id), counts }
}

test('each row becomes a booking with its guest, its nights and its earnings', async () => {
  const { agency_id, property_id } = await lakeHouse()
  const report = await importBookings(agency_id, csv(header, reservation('HM1')))
  assert.equal(outcomesOf(report), 'created 1')
  assert.deepEqual(await saved(agency_id), [
    {
      external_code: 'HM1',
      status: 'confirmed',
      check_in: '2025-07-14',
      check_out: '2025-07-17',
      num_adults: 2,
      num_children: 1,
      total_cents: 41_250,
      currency: 'EUR',
      cancelled_by: null,
      source: 'airbnb',
      payment_status: 'external',
      version: 1,
      property_id,
      nights: '[2025-07-14,2025-07-17)',
    },
  ])
  const guests = await rows('select first_name, last_name from guests where agency_id = $1', agency_id)
  assert.deepEqual(guests, [{ first_name: 'Ada', last_name: 'Lovelace' }])
  assert.deepEqual(report.notes, [
    "format: Airbnb's reservations export",
    "amounts are read as the currency of each row's property",
  ])
})

test('a second stay with the same e-mail and another name keeps each name', async () => {
  const { agency_id } = await lakeHouse()
  const from = (cells: Cells, code: string) => reservation(code, cells).with(3, 'ada@example.com')
  await importBookings(
    agency_id,
    csv(
      header,
      from({}, 'HM1'),
      from({ guest: 'Byron King', from: '2025-08-01', to: '2025-08-03' }, 'HM2'),
      from({ guest: 'Anne King', from: '2025-09-01', to: '2025-09-03' }, 'HM3'),
    ),
  )
  const named = await rows(
    `select b.guest_first_name as given, g.first_name as known from bookings b join guests g on g.id = b.guest_id
     where b.agency_id = $1 order by b.external_code`,
    agency_id,
  )
  assert.deepEqual(
    named.map(({ given }) => given),
    ['Ada', 'Byron', 'Anne'],
  )
  assert.equal(new Set(named.map(({ known }) => known)).size, 1)
})

test('a second import of the same file changes no version and adds no guest or audit row', async () => {
  const { agency_id } = await lakeHouse()
  const content = csv(
    header,
    reservation('HM1'),
    reservation('HM2', { status: 'Canceled by you', earnings: '€0.00' }),
    reservation('HM3', { status: 'Past guest', from: '2024-01-01', to: '2024-01-03', earnings: '' }),
  )
  assert.equal(outcomesOf(await importBookings(agency_id, content)), 'created 3')
  const before = await snapshot(agency_id)
  assert.equal(outcomesOf(await importBookings(agency_id, content)), 'skipped 3')
  assert.deepEqual(await snapshot(agency_id), before)
})

test('the date order is detected from the whole file, and required when it is ambiguous', async () => {
  const { agency_id } = await lakeHouse()
  const ambiguous_row = reservation('HM1', { from: '1/2/2025', to: '3/2/2025' })
  await assert.rejects(importBookings(agency_id, csv(header, ambiguous_row)), /1\/2\/2025 in line 2.*--date-order mdy/)
  const detectable = csv(header, ambiguous_row, reservation('HM2', { from: '3/14/2025', to: '3/15/2025' }))
  assert.equal(outcomesOf(await importBookings(agency_id, detectable, { is_dry_run: true })), 'created 2')
  const content = csv(header, ambiguous_row)
  assert.equal(outcomesOf(await importBookings(agency_id, content, { date_order: 'dmy' })), 'created 1')
  assert.equal((await saved(agency_id))[0]?.check_in, '2025-02-01')
  const report = await importBookings(agency_id, content, { date_order: 'iso' })
  assert.deepEqual(problemsOf(report), ['2 Start date: is not a date (year-month-day)'])
})

test('the currency is the given one; a sign of another currency is an error', async () => {
  const { agency_id } = await lakeHouse()
  const content = csv(
    header,
    reservation('HM1', { earnings: '$412.50' }),
    reservation('HM2', { from: '2025-08-01', to: '2025-08-02', earnings: '€100' }),
  )
  const report = await importBookings(agency_id, content, { currency: 'usd' })
  assert.equal(outcomesOf(report), 'created 2')
  assert.deepEqual(
    report.warnings.map(({ line, column, reason }) => `${line} ${column}: ${reason}`),
    ['3 Earnings: is in EUR, but the currency is USD: left out'],
  )
  assert.deepEqual(
    (await saved(agency_id)).map(({ currency, total_cents }) => [currency, total_cents]),
    [
      ['USD', 41_250],
      ['EUR', 10_000],
    ],
  )
})

test('without earnings a booking has the price of the property, else 0; cancelled it is 0', async () => {
  const { agency_id } = await lakeHouse()
  await newProperty(agency_id, { name: 'No price', base_price_cents: null })
  const report = await importBookings(
    agency_id,
    csv(
      header,
      reservation('HM1', { earnings: '' }),
      reservation('HM2', { earnings: '', status: 'Canceled by guest' }),
      reservation('HM3', { earnings: '', listing: 'No price' }),
    ),
  )
  assert.deepEqual(
    (await saved(agency_id)).map(({ total_cents }) => total_cents),
    [30_000, 0, 0],
  )
  assert.deepEqual(
    report.warnings.map(({ line, reason }) => `${line} ${reason}`),
    ['4 has no amount, and the property has no base price: the total is 0'],
  )
})

test('a listing is found by name, by name in another case, or by external id', async () => {
  const { agency_id, property_id } = await lakeHouse()
  await rows(`update properties set external_id = '4711' where id = $1`, property_id)
  const twin = await newProperty(agency_id, { name: 'lake house' })
  await newProperty(agency_id, { name: 'TWIN' })
  await newProperty(agency_id, { name: 'Twin' })
  const days = (day: number) => ({ from: `2025-07-${day}`, to: `2025-07-${day + 1}` })
  const report = await importBookings(
    agency_id,
    csv(
      header,
      reservation('HM1', { ...days(10), listing: 'Lake House' }),
      reservation('HM2', { ...days(11), listing: 'lake house' }),
      reservation('HM3', { ...days(12), listing: '4711' }),
      reservation('HM4', { ...days(13), listing: 'LAKE HOUSE' }),
      reservation('HM5', { ...days(14), listing: 'twin' }),
      reservation('HM6', { ...days(15), listing: 'Sea House' }),
    ),
  )
  assert.deepEqual(
    (await saved(agency_id)).map(({ property_id }) => property_id),
    [property_id, twin, property_id],
  )
  const [upper, ambiguous, unknown] = report.problems
  assert.match(
    upper?.reason ?? '',
    /^names 2 properties: "Lake House" \(4711\), "lake house" \(.+\)\. Rename all but one$/,
  )
  assert.match(ambiguous?.reason ?? '', /^names 2 properties: "TWIN" \(.+\), "Twin"/)
  assert.match(unknown?.reason ?? '', /^no property has this name or external id\. .*--alias "Sea House=/)
  assert.deepEqual(
    report.problems.map(({ line, column, value }) => [line, column, value]),
    [
      [5, 'Listing', 'LAKE HOUSE'],
      [6, 'Listing', 'twin'],
      [7, 'Listing', 'Sea House'],
    ],
  )
})

test('only rows with occupied nights are conflicts; the departure day is free for arrival', async () => {
  const { agency_id, property_id } = await lakeHouse()
  const stay = { property_id, check_in: '2025-07-10', check_out: '2025-07-14', num_adults: 1 }
  await db.tenantTx(operatorOf(agency_id), (tx) => createBooking(tx, stay))
  const report = await importBookings(
    agency_id,
    csv(
      header,
      reservation('HM1'),
      reservation('HM2', { from: '2025-07-13', to: '2025-07-14' }),
      reservation('HM3', { from: '2025-07-16', to: '2025-07-18' }),
      reservation('HM4', { from: '2025-07-17', to: '2025-07-18' }),
      reservation('HM5', { adults: '9', from: '2025-09-01', to: '2025-09-02' }),
    ),
  )
  assert.equal(outcomesOf(report), 'created 3, conflict 2')
  assert.match(report.problems[0]?.reason ?? '', /taken from 2025-07-10 to 2025-07-14/)
  assert.match(report.problems[1]?.reason ?? '', /taken from 2025-07-14 to 2025-07-17/)
  assert.deepEqual(
    report.warnings.map(({ line, column, reason }) => [line, column, reason]),
    [[6, '# of adults', '10 guests; the property takes 4']],
  )
})

test('a later export changes dates, price, guests and status in one update per booking', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(
    agency_id,
    csv(header, reservation('HM1'), reservation('HM2', { from: '2025-08-01', to: '2025-08-05' })),
  )
  const later = csv(
    header,
    reservation('HM1', { from: '2025-07-15', to: '2025-07-20', earnings: '€500.00', adults: '1' }),
    reservation('HM2', { from: '2025-08-01', to: '2025-08-05', status: 'Past guest', earnings: '€390.00' }),
  )
  assert.equal(outcomesOf(await importBookings(agency_id, later)), 'updated 2')
  const facts = (await saved(agency_id)).map(({ status, num_adults, total_cents, version, nights }) => [
    status,
    num_adults,
    total_cents,
    version,
    nights,
  ])
  assert.deepEqual(facts, [
    ['confirmed', 1, 50_000, 2, '[2025-07-15,2025-07-20)'],
    ['checked_out', 2, 39_000, 2, '[2025-08-01,2025-08-05)'],
  ])
  assert.equal(outcomesOf(await importBookings(agency_id, later)), 'skipped 2')
})

test('a cancelled stay frees its nights; a reinstated one occupies them again or conflicts', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(agency_id, csv(header, reservation('HM1')))
  await importBookings(agency_id, csv(header, reservation('HM1', { status: 'Canceled by guest' })))
  const [cancelled] = await saved(agency_id)
  assert.deepEqual([cancelled?.status, cancelled?.cancelled_by, cancelled?.nights], ['cancelled', 'guest', null])
  await importBookings(agency_id, csv(header, reservation('HM1')))
  assert.equal((await saved(agency_id))[0]?.nights, '[2025-07-14,2025-07-17)')
  await importBookings(agency_id, csv(header, reservation('HM1', { status: 'Canceled by guest' }), reservation('HM2')))
  const report = await importBookings(agency_id, csv(header, reservation('HM1'), reservation('HM2')))
  assert.equal(outcomesOf(report), 'skipped 1, conflict 1')
  assert.equal((await saved(agency_id))[0]?.status, 'cancelled')
})

test('new dates on occupied nights are a conflict, and the booking is unchanged', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(
    agency_id,
    csv(header, reservation('HM1'), reservation('HM2', { from: '2025-07-17', to: '2025-07-19' })),
  )
  const report = await importBookings(
    agency_id,
    csv(header, reservation('HM2', { from: '2025-07-16', to: '2025-07-19' })),
  )
  assert.equal(outcomesOf(report), 'conflict 1')
  assert.equal((await saved(agency_id))[1]?.nights, '[2025-07-17,2025-07-19)')
})

test('a stay in another listing moves there; one that is over and was deleted stays deleted', async () => {
  const { agency_id } = await lakeHouse()
  const town_id = await newProperty(agency_id, { name: 'Town Flat' })
  await importBookings(agency_id, csv(header, reservation('HM1')))
  const moved = await importBookings(agency_id, csv(header, reservation('HM1', { listing: 'Town Flat' })))
  assert.equal(outcomesOf(moved), 'updated 1')
  assert.equal((await saved(agency_id))[0]?.property_id, town_id)
  const [booking] = await rows('select id from bookings where agency_id = $1', agency_id)
  await db.tenantTx(operatorOf(agency_id), (tx) => deleteBooking(tx, String(booking?.id)))
  const again = await importBookings(agency_id, csv(header, reservation('HM1')))
  assert.equal(outcomesOf(again), 'skipped 1')
  assert.match(again.notes.join(), /the booking was deleted in Roost and stays deleted/)
})

test('a renamed property keeps its bookings, and a repeated code counts once', async () => {
  const { agency_id, property_id } = await lakeHouse()
  await importBookings(agency_id, csv(header, reservation('HM1')))
  await rows(`update properties set name = 'Renamed' where id = $1`, property_id)
  const report = await importBookings(
    agency_id,
    csv(header, reservation('HM1'), reservation('HM1'), reservation('HM1', { earnings: '€1.00' })),
  )
  assert.equal(outcomesOf(report), 'skipped 2, error 1')
  assert.deepEqual(problemsOf(report), ['4 Confirmation code: is already in line 2, with other values'])
})

test('a dry run sees its own earlier rows, reports the same and saves nothing', async () => {
  const { agency_id } = await lakeHouse()
  const many = Array.from({ length: 70 }, (_, index) => reservation(`HM${index}`, { status: 'Canceled by guest' }))
  const content = csv(header, reservation('A'), ...many, reservation('B'), reservation('C', { from: 'x' }))
  const before = await snapshot(agency_id)
  const dry_run = await importBookings(agency_id, content, { is_dry_run: true })
  assert.equal(outcomesOf(dry_run), 'created 71, conflict 1, error 1')
  assert.deepEqual(await snapshot(agency_id), before)
  assert.deepEqual(await importBookings(agency_id, content), dry_run)
})

test('semicolons, a byte order mark and another spelling of the header are accepted', async () => {
  const { agency_id } = await lakeHouse()
  const content = `\u{FEFF}${header.join(';').toUpperCase().replace('# OF ADULTS', '#of  Adults')}\r\nHM1;confirmed;Ada Lovelace;;2;0;0;2025-07-14;2025-07-17;3;;Lake House;1.200,50 €\r\n`
  assert.equal(outcomesOf(await importBookings(agency_id, content)), 'created 1')
  assert.equal((await saved(agency_id))[0]?.total_cents, 120_050)
})

test('--assign is rejected for a file that names its listings', async () => {
  const { agency_id } = await lakeHouse()
  await assert.rejects(
    importBookings(agency_id, csv(header, reservation('HM1')), { has_assignment: true }),
    /names the listing of each stay: leave out --assign/,
  )
})

test('in an agency without properties each row says that they come first', async () => {
  const report = await importBookings(await newAgency(), csv(header, reservation('HM1')))
  assert.deepEqual(problemsOf(report), [
    '2 Listing: the agency has no properties yet: create them first, for example with roost import listings',
  ])
})
