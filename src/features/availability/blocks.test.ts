// Tests blocks over HTTP: occupancy, permissions, list, audit entries.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()
const path = 'availability/blocks'
const missing = '00000000-0000-7000-8000-00000000dead'
const withoutRequestId = (text: string) => text.replace(/"request_id":"[^"]*",?/, '')

const block = (property_id: string, start_date: string, nights = 7, more: object = {}) => ({
  property_id,
  start_date,
  end_date: dayAfter(start_date, nights),
  reason: 'maintenance',
  ...more,
})

async function actionsOn(id: string): Promise<unknown[]> {
  const { rows } = await store.owner.query('select action from audit_log where entity_id = $1 order by id', [id])
  return rows.map(({ action }) => action)
}

test('a block can be created, read, updated and deleted, each with an audit entry', async () => {
  const property_id = await newProperty(manager)
  const body = block(property_id, '2027-03-01', 7, { reason: 'owner_use', notes: 'Familie „Süß“' })
  const created = must(201, await manager.post(path, body))
  const { id, version, created_by, created_at, updated_at, ...rest } = created.body
  assert.deepEqual(rest, body)
  assert.deepEqual([version, created_by], [1, players.manager.user_id])
  assert.equal(created_at, updated_at)
  assert.equal(created.headers.location, `/api/v1/${path}/${id}`)
  const read = must(200, await staff.get(`${path}/${id}`))
  assert.deepEqual(read.body, created.body)
  const patch = { end_date: '2027-03-20', reason: 'other', notes: null }
  const changed = must(200, await admin.patch(`${path}/${id}`, patch, { 'if-match': read.headers.etag as string }))
  assert.deepEqual(changed.body, { ...created.body, ...patch, version: 2, updated_at: changed.body.updated_at })
  const stale = await admin.patch(`${path}/${id}`, { notes: 'late' }, { 'if-match': read.headers.etag as string })
  assert.equal(codeOf(stale), 'VERSION_MISMATCH')
  assert.equal(codeOf(await admin.delete(`${path}/${id}`, { 'if-match': '"1-0123456789"' })), 'VERSION_MISMATCH')
  must(204, await manager.delete(`${path}/${id}`))
  assert.equal(codeOf(await manager.get(`${path}/${id}`)), 'BLOCK_NOT_FOUND')
  assert.equal(codeOf(await manager.delete(`${path}/${id}`)), 'BLOCK_NOT_FOUND')
  assert.deepEqual(await actionsOn(id), ['block.created', 'block.updated', 'block.deleted'])
  must(201, await staff.post('bookings', stay(property_id, '2027-03-01')))
})

test('blocked nights refuse bookings and blocks, and the error contains the conflict', async () => {
  const property_id = await newProperty(manager)
  must(201, await manager.post(path, block(property_id, '2027-04-10', 5)))
  const conflict = { kind: 'block', check_in: '2027-04-10', check_out: '2027-04-15' }
  const refused = must(409, await staff.post('bookings', stay(property_id, '2027-04-14')))
  assert.equal(codeOf(refused), 'BOOKING_CONFLICT')
  assert.deepEqual(refused.body.error.meta.conflict, conflict)
  const second = must(409, await manager.post(path, block(property_id, '2027-04-08', 3)))
  assert.deepEqual(second.body.error.meta.conflict, conflict)
  must(201, await staff.post('bookings', stay(property_id, '2027-04-15')))
  must(201, await staff.post('bookings', stay(property_id, '2027-04-07')))
})

test('booked nights cannot be blocked, neither by a new block nor by an update', async () => {
  const property_id = await newProperty(manager)
  must(201, await staff.post('bookings', stay(property_id, '2027-05-10', 5)))
  const refused = must(409, await manager.post(path, block(property_id, '2027-05-14')))
  assert.deepEqual(refused.body.error.meta.conflict, {
    kind: 'booking',
    check_in: '2027-05-10',
    check_out: '2027-05-15',
  })
  const { id } = must(201, await manager.post(path, block(property_id, '2027-05-15'))).body
  assert.equal(codeOf(await manager.patch(`${path}/${id}`, { start_date: '2027-05-14' })), 'BOOKING_CONFLICT')
  must(200, await manager.patch(`${path}/${id}`, { start_date: '2027-05-16', end_date: '2027-06-01' }))
  must(201, await staff.post('bookings', stay(property_id, '2027-05-15', 1)))
  assert.equal(codeOf(await staff.post('bookings', stay(property_id, '2027-05-31', 1))), 'BOOKING_CONFLICT')
})

test('invalid dates are refused; past dates and 1500 nights are accepted', async () => {
  const property_id = await newProperty(manager)
  const cases: [string, number, string][] = [
    ['2027-01-05', 0, '/end_date NOT_AFTER_START_DATE'],
    ['2027-01-05', -1, '/end_date NOT_AFTER_START_DATE'],
    ['2027-01-05', 1501, '/end_date TOO_LONG'],
    ['1999-12-31', 3, '/start_date TOO_EARLY'],
    ['2100-12-30', 3, '/end_date TOO_LATE'],
  ]
  for (const [start, nights, finding] of cases) {
    assert.deepEqual(findings(must(422, await manager.post(path, block(property_id, start, nights)))), [finding])
  }
  must(422, await manager.post(path, block(property_id, '2027-01-05', 3, { reason: 'holiday' })))
  must(422, await manager.post(path, { ...block(property_id, '2027-01-05'), start_date: '2027-02-30' }))
  const { id } = must(201, await manager.post(path, block(property_id, '2015-01-01', 1500))).body
  const updated = must(422, await manager.patch(`${path}/${id}`, { end_date: '2015-01-01' }))
  assert.deepEqual(findings(updated), ['/end_date NOT_AFTER_START_DATE'])
})

test('an owner can block own properties; those of others answer like unknown ones', async () => {
  for (const [n, reason] of ['owner_use', 'maintenance', 'other'].entries()) {
    must(201, await owner.post(path, block(castProperties.lake.id, dayAfter('2027-08-01', n * 10), 7, { reason })))
  }
  const { id } = must(201, await owner.post(path, block(castProperties.lake.id, '2027-09-01'))).body
  must(200, await owner.patch(`${path}/${id}`, { end_date: '2027-09-05' }))
  const absent = await otherOwner.post(path, block(missing, '2027-10-01'))
  for (const client of [otherOwner, outsider]) {
    const foreign = await client.post(path, block(castProperties.lake.id, '2027-09-01'))
    assert.equal(foreign.status, 404)
    assert.equal(withoutRequestId(foreign.text), withoutRequestId(absent.text))
    assert.equal((await client.get(`${path}/${id}`)).status, 404)
    assert.equal((await client.patch(`${path}/${id}`, { notes: 'mine' })).status, 404)
    assert.equal((await client.delete(`${path}/${id}`)).status, 404)
    assert.deepEqual((await client.get(`${path}?property_id=${castProperties.lake.id}`)).body.items, [])
  }
  assert.equal(must(200, await owner.get(path)).body.items.length, 4)
  must(204, await owner.delete(`${path}/${id}`))
})

test('staff and accountants can read blocks but not change them', async () => {
  const { id } = must(201, await manager.post(path, block(castProperties.town.id, '2027-01-01'))).body
  for (const client of [staff, accountant]) {
    must(200, await client.get(`${path}/${id}`))
    for (const reply of [
      await client.post(path, block(castProperties.town.id, '2027-02-01')),
      await client.patch(`${path}/${id}`, { notes: '' }),
      await client.delete(`${path}/${id}`),
    ]) {
      assert.equal(codeOf(reply), 'FORBIDDEN')
    }
  }
})

test('blocks are listed by first night, with filters and pages', async () => {
  const property_id = await newProperty(manager)
  const ids: string[] = []
  for (const start of ['2028-01-01', '2028-01-10', '2028-01-20']) {
    ids.push(must(201, await manager.post(path, block(property_id, start, 5))).body.id)
  }
  const list = async (query: string) => {
    const { items } = must(200, await manager.get(`${path}?property_id=${property_id}&${query}`)).body
    return items.map((item: { id: string }) => item.id)
  }
  assert.deepEqual(await list(''), ids)
  assert.deepEqual(await list('overlaps=2028-01-06/2028-01-11'), [ids[1]])
  // The first block ends on the 6th, so its last night is the 5th.
  assert.deepEqual(await list('overlaps=2028-01-05/2028-01-10'), [ids[0]])
  assert.deepEqual(await list('reason=other'), [])
  const first = must(200, await manager.get(`${path}?property_id=${property_id}&limit=2`)).body
  const rest = await list(`limit=2&cursor=${first.next_cursor}`)
  assert.deepEqual([...first.items.map((item: { id: string }) => item.id), ...rest], ids)
  for (const overlaps of ['2028-01-05/2028-01-05', '2028-02-30/2028-03-01', '2028-01-05']) {
    const reply = must(422, await manager.get(`${path}?overlaps=${overlaps}`))
    assert.ok(findings(reply).every((finding) => finding.startsWith('/query/overlaps ')))
  }
})

test('deleting a property deletes its blocks; with future bookings it is refused', async () => {
  const property_id = await newProperty(manager)
  const { id } = must(201, await manager.post(path, block(property_id, '2030-01-01'))).body
  const booking = must(201, await staff.post('bookings', stay(property_id, '2030-02-01'))).body
  assert.equal(codeOf(await admin.delete(`properties/${property_id}`)), 'PROPERTY_HAS_BOOKINGS')
  must(200, await manager.get(`${path}/${id}`))
  must(204, await manager.delete(`bookings/${booking.id}`))
  must(204, await admin.delete(`properties/${property_id}`))
  assert.equal(codeOf(await manager.get(`${path}/${id}`)), 'BLOCK_NOT_FOUND')
  assert.equal(codeOf(await manager.post(path, block(property_id, '2031-01-01'))), 'PROPERTY_NOT_FOUND')
  const { rows } = await store.owner.query('select 1 from occupancies where agency_id = $1 and property_id = $2', [
    north,
    property_id,
  ])
  assert.deepEqual(rows, [])
})

test('the nights of several properties are blocked together, in the order that was asked for', async () => {
  const property_ids = [await newProperty(manager), await newProperty(manager), await newProperty(manager)].reverse()
  const { property_id: _, ...dates } = block('', '2027-05-01')
  const { items } = must(201, await manager.post(`${path}/batch`, { ...dates, property_ids, notes: 'roof' })).body
  assert.deepEqual(
    items.map((item: { property_id: string }) => item.property_id),
    property_ids,
  )
  for (const { id, ...item } of items) {
    assert.equal(item.notes, 'roof')
    assert.deepEqual(await actionsOn(id), ['block.created'])
    must(409, await staff.post('bookings', stay(item.property_id, '2027-05-02')))
  }
})

test('if one of several properties is taken, none is blocked, and the error names it', async () => {
  const [free, taken] = [await newProperty(manager), await newProperty(manager)]
  must(201, await staff.post('bookings', stay(taken, '2027-06-03')))
  for (const property_ids of [
    [free, taken],
    [taken, free],
  ]) {
    const { property_id: _, ...dates } = block('', '2027-06-01')
    const refused = must(409, await manager.post(`${path}/batch`, { ...dates, property_ids }))
    assert.equal(codeOf(refused), 'BOOKING_CONFLICT')
    assert.equal(refused.body.error.meta.property_id, taken)
    assert.equal(refused.body.error.meta.conflicts.length, 1)
  }
  must(201, await staff.post('bookings', stay(free, '2027-06-01')))
})

test('a property that the caller may not see is not found among several, and nothing is blocked', async () => {
  const { property_id: _, ...dates } = block('', '2027-07-01')
  const { lake, forest, beach } = castProperties
  for (const [client, foreign] of [
    [owner, forest.id],
    [manager, beach.id],
    [manager, missing],
  ] as const) {
    const refused = await client.post(`${path}/batch`, { ...dates, property_ids: [lake.id, foreign] })
    assert.equal(codeOf(refused), 'PROPERTY_NOT_FOUND')
  }
  const found = must(200, await manager.get(`${path}?property_id=${lake.id}&overlaps=2027-07-01/2027-07-08`))
  assert.deepEqual(found.body.items, [])
  for (const property_ids of [[], [lake.id, lake.id], Array.from({ length: 101 }, () => missing)])
    assert.equal(codeOf(await manager.post(`${path}/batch`, { ...dates, property_ids })), 'VALIDATION_ERROR')
})
