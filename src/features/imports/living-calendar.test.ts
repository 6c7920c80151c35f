// Imports into a calendar in which the office works: what the channel says anew is applied, what the office changed stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf, problemsOf } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createBooking } from '../bookings/create.ts'
import { deleteBooking } from '../bookings/delete.ts'
import { splitBooking } from '../bookings/split.ts'
import { transitionStatus } from '../bookings/status.ts'
import { updateBooking } from '../bookings/update.ts'

const { db, importBookings, newAgency, newProperty, rows } = await openImportFixture()

const header =
  'Confirmation code,Status,Guest name,Contact,# of adults,# of children,# of infants,Start date,End date,# of nights,Booked,Listing,Earnings'.split(
    ',',
  )

interface Cells {
  status?: string
  adults?: string
  from?: string
  to?: string
  listing?: string
  earnings?: string
}

const row = (code: string, cells: Cells = {}) => {
  const { status = 'Confirmed', adults = '2', from = '2028-07-14', to = '2028-07-17' } = cells
  const { listing = 'Lake House', earnings = '€300.00' } = cells
  return [code, status, 'Ada Lovelace', '', adults, '0', '0', from, to, '', '2028-01-02', listing, earnings]
}
const file = (...lines: string[][]) => csv(header, ...lines)

async function lakeHouse(more: object = {}) {
  const agency_id = await newAgency()
  return { agency_id, property_id: await newProperty(agency_id, { name: 'Lake House', max_guests: 6, ...more }) }
}

/** code -> status, nights in the ledger, total. */
async function stays(agency_id: string): Promise<Record<string, string>> {
  const found = await rows(
    `select b.external_code as code, concat_ws(' ', b.status, o.during, b.total_cents) as text from bookings b
     left join occupancies o on o.booking_id = b.id
     where b.agency_id = $1 and b.external_code is not null order by b.external_code`,
    agency_id,
  )
  return Object.fromEntries(found.map(({ code, text }) => [code, text]))
}

const conflicts = (agency_id: string) =>
  rows(
    `select c.kind, c.external_code as code, c.check_in::text, c.other_kind, o.external_code as other, c.resolution,
       c.version from booking_conflicts c left join bookings o on o.id = c.other_booking_id
     where c.agency_id = $1 order by c.external_code, c.created_at`,
    agency_id,
  )

async function idOf(agency_id: string, code: string): Promise<string> {
  const [found] = await rows('select id from bookings where agency_id = $1 and external_code = $2', agency_id, code)
  return String(found?.id)
}

/** What people of the office do: not as the operator, so that the audit log shows it. */
async function office<T>(agency_id: string, work: (tx: Parameters<typeof updateBooking>[0]) => Promise<T>): Promise<T> {
  return db.tenantTx({ ...operatorOf(agency_id), role: 'manager' }, work)
}

const counts = (agency_id: string) =>
  rows(
    `select (select count(*)::int from audit_log where agency_id = $1) as audit,
       (select count(*)::int from guests where agency_id = $1) as guests,
       (select count(*)::int from bookings where agency_id = $1) as bookings`,
    agency_id,
  )

const moves: readonly {
  readonly name: string
  readonly before: string[][]
  readonly after: string[][]
  readonly nights: Record<string, string>
}[] = [
  {
    name: 'a stay that takes nights which a later row frees',
    before: [row('A'), row('B', { from: '2028-08-14', to: '2028-08-17' })],
    after: [row('B'), row('A', { from: '2028-09-14', to: '2028-09-17' })],
    nights: { A: '[2028-09-14,2028-09-17)', B: '[2028-07-14,2028-07-17)' },
  },
  {
    name: 'two stays that exchange their weeks',
    before: [row('A'), row('B', { from: '2028-07-17', to: '2028-07-20' })],
    after: [row('A', { from: '2028-07-17', to: '2028-07-20' }), row('B')],
    nights: { A: '[2028-07-17,2028-07-20)', B: '[2028-07-14,2028-07-17)' },
  },
  {
    name: 'a chain of stays that each move by a day',
    before: [1, 2, 3, 4, 5].map((n) => row(`C${n}`, { from: `2028-07-1${n}`, to: `2028-07-1${n + 1}` })),
    after: [1, 2, 3, 4, 5].map((n) => row(`C${n}`, { from: `2028-07-1${n + 1}`, to: `2028-07-1${n + 2}` })),
    nights: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`C${n}`, `[2028-07-1${n + 1},2028-07-1${n + 2})`])),
  },
  {
    name: 'a new stay in the nights of one that is cancelled in a later row',
    before: [row('A')],
    after: [row('B'), row('A', { status: 'Canceled by guest', earnings: '€0.00' })],
    nights: { A: '', B: '[2028-07-14,2028-07-17)' },
  },
  {
    name: 'two stays that exchange their homes',
    before: [row('A'), row('B', { listing: 'Town Flat' })],
    after: [row('A', { listing: 'Town Flat' }), row('B')],
    nights: { A: '[2028-07-14,2028-07-17)', B: '[2028-07-14,2028-07-17)' },
  },
]

for (const { name, before, after, nights } of moves) {
  test(`one run moves ${name}`, async () => {
    const { agency_id } = await lakeHouse()
    await newProperty(agency_id, { name: 'Town Flat' })
    await importBookings(agency_id, file(...before))
    const report = await importBookings(agency_id, file(...after))
    assert.deepEqual(problemsOf(report), [])
    const found = await rows(
      `select b.external_code as code, coalesce(o.during::text, '') as nights from bookings b
       left join occupancies o on o.booking_id = b.id where b.agency_id = $1`,
      agency_id,
    )
    assert.deepEqual(Object.fromEntries(found.map((one) => [one.code, one.nights])), nights)
    assert.match(outcomesOf(await importBookings(agency_id, file(...after))), /^skipped \d$/)
  })
}

test('exchanged homes: each booking is in the other home', async () => {
  const { agency_id, property_id } = await lakeHouse()
  const town_id = await newProperty(agency_id, { name: 'Town Flat' })
  await importBookings(agency_id, file(row('A'), row('B', { listing: 'Town Flat' })))
  await importBookings(agency_id, file(row('A', { listing: 'Town Flat' }), row('B')))
  const found = await rows('select property_id from bookings where agency_id = $1 order by external_code', agency_id)
  assert.deepEqual(
    found.map((one) => one.property_id),
    [town_id, property_id],
  )
})

const changes_of_office: Readonly<
  Record<string, (tx: Parameters<typeof updateBooking>[0], id: string, other: string) => Promise<unknown>>
> = {
  'a check-in': (tx, id) => transitionStatus(tx, id, 'checked_in'),
  'a cancellation': (tx, id) => transitionStatus(tx, id, 'cancelled'),
  'other dates': (tx, id) => updateBooking(tx, id, { check_in: '2028-07-13', check_out: '2028-07-15' }),
  'another home': (tx, id, other) => updateBooking(tx, id, { property_id: other }),
  'another price': (tx, id) => updateBooking(tx, id, { total_cents: 12_300 }),
  'more guests': (tx, id) => updateBooking(tx, id, { num_adults: 4 }),
  'a split': (tx, id, other) => splitBooking(tx, id, { property_id: other, check_in: '2028-07-16' }),
}

for (const [what, change] of Object.entries(changes_of_office)) {
  test(`the same file again changes nothing after ${what}`, async () => {
    const { agency_id } = await lakeHouse()
    const other = await newProperty(agency_id, { name: 'Town Flat' })
    const today = new Date().toISOString().slice(0, 10)
    const isCheckIn = what === 'a check-in'
    const content = file(row('A', isCheckIn ? { from: today, to: dayAfter(today, 3) } : {}))
    await importBookings(agency_id, content)
    const id = await idOf(agency_id, 'A')
    await office(agency_id, (tx) => change(tx, id, other))
    const before = [await stays(agency_id), await counts(agency_id), await conflicts(agency_id)]
    assert.equal(outcomesOf(await importBookings(agency_id, content)), 'skipped 1')
    assert.deepEqual([await stays(agency_id), await counts(agency_id), await conflicts(agency_id)], before)
  })
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

test('a stay that was deleted here and is expected by the channel is one conflict', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(agency_id, file(row('A')))
  const id = await idOf(agency_id, 'A')
  await office(agency_id, (tx) => deleteBooking(tx, id))
  for (const _ of [1, 2]) {
    const report = await importBookings(agency_id, file(row('A')))
    assert.equal(outcomesOf(report), 'conflict 1')
    assert.match(problemsOf(report).join(), /was deleted in Roost, but the channel expects A/)
  }
  assert.deepEqual(
    (await conflicts(agency_id)).map(({ kind, code, version }) => [kind, code, version]),
    [['deleted_here', 'A', 1]],
  )
  const cancelled = await importBookings(agency_id, file(row('A', { status: 'Canceled by guest' })))
  assert.equal(outcomesOf(cancelled), 'skipped 1')
  assert.equal((await conflicts(agency_id))[0]?.resolution, 'withdrawn')
})

test('a cancellation reaches the booking where it is now, and every part of a split', async () => {
  const { agency_id } = await lakeHouse()
  const other = await newProperty(agency_id, { name: 'Town Flat' })
  await importBookings(agency_id, file(row('A'), row('B', { from: '2028-08-01', to: '2028-08-05' })))
  const [moved, divided] = [await idOf(agency_id, 'A'), await idOf(agency_id, 'B')]
  await office(agency_id, (tx) => updateBooking(tx, moved, { property_id: other, check_in: '2028-07-13' }))
  await office(agency_id, (tx) => splitBooking(tx, divided, { property_id: other, check_in: '2028-08-03' }))
  const off = { status: 'Canceled by guest', earnings: '€0.00' }
  const report = await importBookings(
    agency_id,
    file(row('A', off), row('B', { ...off, from: '2028-08-01', to: '2028-08-05' })),
  )
  assert.equal(outcomesOf(report), 'updated 2')
  const left = await rows('select 1 from occupancies where agency_id = $1', agency_id)
  assert.deepEqual(left, [])
  const found = await rows('select status, cancelled_by from bookings where agency_id = $1', agency_id)
  assert.deepEqual(found, Array(3).fill({ status: 'cancelled', cancelled_by: 'guest' }))
})

test('other dates at the channel and here are a conflict that names both, until they agree', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(agency_id, file(row('A')))
  const id = await idOf(agency_id, 'A')
  await office(agency_id, (tx) => updateBooking(tx, id, { check_in: '2028-07-13', check_out: '2028-07-15' }))
  const altered = file(row('A', { from: '2028-07-14', to: '2028-07-19', earnings: '€500.00' }))
  for (const _ of [1, 2]) {
    const report = await importBookings(agency_id, altered)
    assert.equal(outcomesOf(report), 'conflict 1')
    assert.match(
      problemsOf(report).join(),
      /dates: the channel says 2028-07-14 to 2028-07-19, Roost has confirmed from 2028-07-13 to 2028-07-15/,
    )
  }
  assert.deepEqual(
    (await conflicts(agency_id)).map(({ kind, version, resolution }) => [kind, version, resolution]),
    [['changed_here', 1, null]],
  )
  await office(agency_id, (tx) => updateBooking(tx, id, { check_in: '2028-07-14', check_out: '2028-07-19' }))
  assert.equal((await importBookings(agency_id, altered)).conflict, 0)
  assert.equal((await conflicts(agency_id))[0]?.resolution, 'applied')
})

test('new dates at the channel are applied in the home to which the office has moved the guest', async () => {
  const { agency_id } = await lakeHouse()
  const other = await newProperty(agency_id, { name: 'Town Flat' })
  await importBookings(agency_id, file(row('A')))
  const id = await idOf(agency_id, 'A')
  await office(agency_id, (tx) => updateBooking(tx, id, { property_id: other }))
  await importBookings(agency_id, file(row('A', { to: '2028-07-18' })))
  const found = await rows('select property_id, during::text from occupancies where agency_id = $1', agency_id)
  assert.deepEqual(found, [{ property_id: other, during: '[2028-07-14,2028-07-18)' }])
})

const cancellations: readonly { name: string; before: Cells; fee?: number; after: Cells; payout: number | null }[] = [
  { name: 'with a cleaning fee of the office', before: {}, fee: 5000, after: { earnings: '€0.00' }, payout: 0 },
  { name: 'with a penalty', before: {}, after: { status: 'Canceled by you', earnings: '-€50.00' }, payout: -5000 },
  { name: 'with a penalty in parentheses', before: {}, after: { earnings: '(€50.00)' }, payout: -5000 },
  { name: 'without earnings', before: { earnings: '' }, after: { earnings: '' }, payout: null },
]
for (const { name, before, fee, after, payout } of cancellations) {
  test(`a cancellation ${name} frees the nights, and the total is 0`, async () => {
    const { agency_id } = await lakeHouse()
    await importBookings(agency_id, file(row('A', before)))
    const id = await idOf(agency_id, 'A')
    if (fee !== undefined) await office(agency_id, (tx) => updateBooking(tx, id, { cleaning_fee_cents: fee }))
    const report = await importBookings(agency_id, file(row('A', { status: 'Canceled by guest', ...after })))
    assert.deepEqual(problemsOf(report), [])
    assert.deepEqual(await stays(agency_id), { A: 'cancelled 0' })
    const [booking] = await rows('select payout_cents::int from bookings where id = $1', id)
    assert.equal(booking?.payout_cents, payout)
  })
}

const odd: readonly { name: string; cells: Cells; property?: object; stay: string; warning: RegExp }[] = [
  {
    name: 'too many guests',
    cells: { adults: '7' },
    stay: 'confirmed [2028-07-14,2028-07-17) 30000',
    warning: /takes 6/,
  },
  {
    name: 'an inactive home',
    cells: {},
    property: { is_active: false },
    stay: 'confirmed [2028-07-14,2028-07-17) 30000',
    warning: /is_active is false/,
  },
  {
    name: 'no price anywhere',
    cells: { earnings: '', status: 'Pending' },
    property: { base_price_cents: null },
    stay: 'pending [2028-07-14,2028-07-17) 0',
    warning: /total is 0/,
  },
  {
    name: 'a negative amount',
    cells: { earnings: '-€12.00' },
    stay: 'confirmed [2028-07-14,2028-07-17) 0',
    warning: /is negative/,
  },
  {
    name: 'an unreadable amount',
    cells: { earnings: 'see invoice' },
    stay: 'confirmed [2028-07-14,2028-07-17) 30000',
    warning: /left out/,
  },
  {
    name: 'an unknown status label',
    cells: { status: 'Guest is thinking' },
    stay: 'confirmed [2028-07-14,2028-07-17) 30000',
    warning: /not a known status/,
  },
  { name: 'no adults', cells: { adults: '' }, stay: 'confirmed [2028-07-14,2028-07-17) 30000', warning: /^$/ },
]
for (const { name, cells, property, stay, warning } of odd) {
  test(`a sold stay with ${name} keeps its nights`, async () => {
    const { agency_id } = await lakeHouse(property)
    const report = await importBookings(agency_id, file(row('A', cells)))
    assert.equal(outcomesOf(report), 'created 1')
    assert.deepEqual(await stays(agency_id), { A: stay })
    assert.match(report.warnings.map(({ reason }) => reason).join(), warning)
  })
}

test('a stay that overlaps is a conflict, and becomes a booking when the nights are free', async () => {
  const { agency_id, property_id } = await lakeHouse()
  const direct = await office(agency_id, (tx) =>
    createBooking(tx, { property_id, check_in: '2028-07-15', check_out: '2028-07-20', num_adults: 1 }),
  )
  const content = file(row('A'), row('B', { from: '2028-07-16', to: '2028-07-18' }))
  for (const _ of [1, 2]) {
    const report = await importBookings(agency_id, content)
    assert.equal(outcomesOf(report), 'conflict 2')
    assert.match(problemsOf(report)[0] ?? '', new RegExp(`A from 2028-07-14 .* overlaps booking ${direct.reference}`))
  }
  assert.deepEqual(await counts(agency_id).then(([one]) => one?.guests), 2)
  assert.deepEqual(
    (await conflicts(agency_id)).map(({ kind, code, version }) => [kind, code, version]),
    [
      ['overlap', 'A', 1],
      ['overlap', 'B', 1],
    ],
  )
  await office(agency_id, (tx) => transitionStatus(tx, direct.id, 'cancelled'))
  assert.equal(outcomesOf(await importBookings(agency_id, content)), 'created 1, conflict 1')
  assert.deepEqual(
    (await conflicts(agency_id)).map(({ code, other, resolution }) => [code, other, resolution]),
    [
      ['A', null, 'applied'],
      ['B', 'A', null],
    ],
  )
  // The guest of the conflict is the guest of the booking.
  assert.deepEqual(await counts(agency_id).then(([one]) => one?.guests), 2)
})

test('earnings are the payout; the day of booking is kept', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(agency_id, file(row('A', { earnings: '€939.90' })))
  const [booking] = await rows(
    'select total_cents::int, payout_cents::int, channel_fee_cents, booked_on::text from bookings where agency_id = $1',
    agency_id,
  )
  assert.deepEqual(booking, {
    total_cents: 93_990,
    payout_cents: 93_990,
    channel_fee_cents: null,
    booked_on: '2028-01-02',
  })
})

test('the first import after an upgrade changes only what the office has not changed', async () => {
  const { agency_id } = await lakeHouse()
  const lines = ['A', 'B', 'C', 'D'].map((code, n) => row(code, { from: `2028-07-0${n + 1}`, to: `2028-07-0${n + 2}` }))
  await importBookings(agency_id, file(...lines))
  // As an earlier version has saved them: no facts, no payout.
  await rows('delete from channel_bookings where agency_id = $1', agency_id)
  await rows('update bookings set payout_cents = null, booked_on = null where agency_id = $1', agency_id)
  const [b, c] = [await idOf(agency_id, 'B'), await idOf(agency_id, 'C')]
  await office(agency_id, (tx) => transitionStatus(tx, b, 'cancelled'))
  await office(agency_id, (tx) => updateBooking(tx, c, { check_in: '2028-07-20', check_out: '2028-07-21' }))
  const later = file(
    ...lines.slice(0, 3),
    row('D', { from: '2028-07-04', to: '2028-07-05', status: 'Canceled by guest', earnings: '€0.00' }),
  )
  const report = await importBookings(agency_id, later)
  assert.equal(outcomesOf(report), 'updated 3, conflict 1')
  assert.match(problemsOf(report).join(), /C was changed by the channel, and booking/)
  assert.deepEqual(await stays(agency_id), {
    A: 'confirmed [2028-07-01,2028-07-02) 30000',
    B: 'cancelled 30000',
    C: 'confirmed [2028-07-20,2028-07-21) 30000',
    D: 'cancelled 0',
  })
  assert.equal(outcomesOf(await importBookings(agency_id, later)), 'skipped 3, conflict 1')
})

test('a new title is learned from a known booking, or given once with --alias', async () => {
  const { agency_id, property_id } = await lakeHouse()
  await importBookings(agency_id, file(row('A')))
  const renamed = { listing: 'Lake House with sauna' }
  const learned = file(row('N', { ...renamed, from: '2028-10-01', to: '2028-10-03' }), row('A', renamed))
  assert.equal(outcomesOf(await importBookings(agency_id, learned)), 'created 1, skipped 1')
  const unknown = file(row('M', { listing: 'Sea View', from: '2028-11-01', to: '2028-11-03' }))
  assert.match(problemsOf(await importBookings(agency_id, unknown)).join(), /--alias "Sea View=/)
  const aliases = [{ title: 'Sea View', property: 'Lake House' }]
  assert.equal(outcomesOf(await importBookings(agency_id, unknown, { aliases })), 'created 1')
  const again = file(row('O', { listing: 'sea  VIEW', from: '2028-12-01', to: '2028-12-03' }))
  assert.equal(outcomesOf(await importBookings(agency_id, again)), 'created 1')
  const homes = await rows('select distinct property_id from bookings where agency_id = $1', agency_id)
  assert.deepEqual(homes, [{ property_id }])
  await assert.rejects(
    importBookings(agency_id, again, { aliases: [{ title: 'x', property: 'No such home' }] }),
    /--alias "x=No such home".*no property has this name/,
  )
})

test('titles are equal in any case, normal form, number of blanks, and with HTML entities', async () => {
  const agency_id = await newAgency()
  const names = ['Müller Hof', 'Cosy  double space', 'B&B am Markt']
  for (const name of names) await newProperty(agency_id, { name })
  const titles = ['Mu\u0308ller Hof', 'Cosy double space', 'B&amp;B am Markt', 'MÜLLER HOF', 'B&#38;B am Markt']
  const lines = titles.map((listing, n) =>
    row(`T${n}`, { listing, from: `2028-07-0${n + 1}`, to: `2028-07-0${n + 2}` }),
  )
  assert.equal(outcomesOf(await importBookings(agency_id, file(...lines))), 'created 5')
})

test('the report lists what changed, field by field', async () => {
  const { agency_id } = await lakeHouse()
  await importBookings(agency_id, file(row('A')))
  const report = await importBookings(agency_id, file(row('A', { to: '2028-07-18', earnings: '€400.00' })))
  assert.deepEqual(report.changes, [
    { line: 2, code: 'A', field: 'check_out', before: '2028-07-17', after: '2028-07-18' },
    { line: 2, code: 'A', field: 'total_cents', before: '30000', after: '40000' },
    { line: 2, code: 'A', field: 'payout_cents', before: '30000', after: '40000' },
  ])
})
