// Tests conflicts over HTTP: who sees which, pages, filters, events, and what is erased with the guest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { csv, fileOf } from '../../../test/import-files.ts'
import { codeOf, must, readAllPages, stay } from '../../../test/steps.ts'
import { importBookings } from '../imports/imports.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const header = 'Confirmation code,Status,Guest name,# of adults,Start date,End date,Listing,Earnings'.split(',')

const line = (code: string, more: { status?: string; from?: string; to?: string; listing?: string } = {}) => {
  const { status = 'Confirmed', from = '2033-07-15', to = '2033-07-18', listing = castProperties.lake.name } = more
  return [code, status, 'Ada Lovelace', '2', from, to, listing, '€300.00']
}

const importLines = (...lines: string[][]) =>
  importBookings(store.db, {
    file: fileOf(csv(header, ...lines)),
    agency_id: north,
    has_assignment: false,
    currency: undefined,
    date_order: undefined,
    is_dry_run: false,
  })

const types = async () => {
  const { rows } = await store.owner.query(
    "select action from audit_log where agency_id = $1 and entity_type = 'conflict' order by id",
    [north],
  )
  return rows.map(({ action }) => action)
}

test('a conflict names the stay of the channel and the booking that has the nights', async () => {
  const booked = must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-14', 3))).body
  await importLines(line('HM1'))
  const { items } = must(200, await staff.get('conflicts')).body
  assert.equal(items.length, 1)
  const { id, guest, created_at: _, ...conflict } = items[0]
  assert.deepEqual([guest.first_name, guest.last_name], ['Ada', 'Lovelace'])
  assert.deepEqual(conflict, {
    kind: 'overlap',
    property_id: castProperties.lake.id,
    property_name: castProperties.lake.name,
    source: 'airbnb',
    external_code: 'HM1',
    check_in: '2033-07-15',
    check_out: '2033-07-18',
    channel: {
      listing: castProperties.lake.name,
      status: 'confirmed',
      num_adults: 2,
      num_children: null,
      total_cents: null,
      payout_cents: 30_000,
      currency: 'EUR',
    },
    booking_id: null,
    other_kind: 'booking',
    other_booking_id: booked.id,
    other_check_in: '2033-07-14',
    other_check_out: '2033-07-17',
    resolved_at: null,
    resolution: null,
    version: 1,
  })
  assert.deepEqual(must(200, await admin.get(`conflicts/${id}`)).body, items[0])
  // It takes no nights: the last one is still free.
  must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-17', 1)))
})

test('owners see conflicts of their own homes, without guests; accountants see none', async () => {
  must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-14', 3)))
  await importLines(line('HM1'))
  const [conflict] = must(200, await owner.get('conflicts')).body.items
  assert.deepEqual([conflict.external_code, conflict.guest, conflict.channel.payout_cents], ['HM1', null, null])
  assert.deepEqual(must(200, await otherOwner.get('conflicts')).body.items, [])
  assert.equal(codeOf(must(404, await otherOwner.get(`conflicts/${conflict.id}`))), 'CONFLICT_NOT_FOUND')
  assert.deepEqual(must(200, await outsider.get('conflicts')).body.items, [])
  must(404, await outsider.get(`conflicts/${conflict.id}`))
  must(403, await accountant.get('conflicts'))
  must(404, await manager.get(`conflicts/${missing}`))
})

test('conflicts are listed newest first in pages, by home and by state', async () => {
  must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-14', 30)))
  must(201, await staff.post('bookings', stay(castProperties.town.id, '2033-07-14', 30)))
  for (const n of [1, 2, 3]) await importLines(line(`HM${n}`))
  await importLines(line('HT', { listing: castProperties.town.name }))
  await importLines(line('HM2', { status: 'Canceled by guest' }))
  const all = await readAllPages(manager, 'conflicts?limit=2')
  assert.deepEqual(
    all.map(({ external_code }) => external_code),
    ['HT', 'HM3', 'HM2', 'HM1'],
  )
  const codesOf = async (query: string) =>
    must(200, await manager.get(`conflicts?${query}`)).body.items.map(
      (one: { external_code: string }) => one.external_code,
    )
  assert.deepEqual(await codesOf(`property_id=${castProperties.town.id}`), ['HT'])
  assert.deepEqual(await codesOf('state=resolved'), ['HM2'])
  assert.deepEqual(await codesOf('state=open'), ['HT', 'HM3', 'HM1'])
})

test('the name of an erased guest does not come back with the same file', async () => {
  must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-14', 5)))
  await importLines(line('HM1'))
  const { guest } = must(200, await manager.get('conflicts')).body.items[0]
  must(200, await admin.post(`guests/${guest.id}/anonymisation`))
  await importLines(line('HM1'))
  const [conflict] = must(200, await manager.get('conflicts')).body.items
  assert.equal(conflict.guest.last_name, 'Guest')
  assert.deepEqual(must(200, await manager.get('guests?q=Lovelace')).body.items, [])
})

test('each change of a conflict is one event; importing the same again is none', async () => {
  const booked = must(201, await staff.post('bookings', stay(castProperties.lake.id, '2033-07-14', 5))).body
  await importLines(line('HM1'))
  await importLines(line('HM1'))
  assert.deepEqual(await types(), ['conflict.created'])
  await importLines(line('HM1', { to: '2033-07-19' }))
  assert.deepEqual(await types(), ['conflict.created', 'conflict.updated'])
  must(200, await manager.patch(`bookings/${booked.id}/status`, { status: 'cancelled' }))
  await importLines(line('HM1', { to: '2033-07-19' }))
  assert.deepEqual(await types(), ['conflict.created', 'conflict.updated', 'conflict.resolved'])
  const [conflict] = must(200, await manager.get('conflicts?state=resolved')).body.items
  assert.deepEqual([conflict.resolution, conflict.version], ['applied', 3])
})
