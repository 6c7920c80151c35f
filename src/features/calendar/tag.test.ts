// Tests the ETag of the calendar: another one after every change, 304 without one.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { importStay } from '../../../test/import-stay.ts'
import { dayAfter, must, stay } from '../../../test/steps.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { expireHolds } from '../holds/expiry.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()
const july = 'calendar?from=2032-07-01&to=2032-07-31'
const { db } = store

// Before its first run it is not known which entries have no seal.
before(() => sealAudit(db))

async function tagOf(client: Client, path = july): Promise<string> {
  const tag = String(must(200, await client.get(path)).headers.etag)
  assert.match(tag, /^W\/"[\w-]{22}"$/)
  return tag
}

const isKnown = async (client: Client, tag: string, path = july) =>
  (await client.get(path, { 'if-none-match': tag })).status === 304

const book = async (check_in: string, more: object = {}) =>
  must(201, await staff.post('bookings', stay(castProperties.lake.id, check_in, 2, more))).body
const hold = async (check_in: string) => {
  const body = { property_id: castProperties.lake.id, check_in, check_out: dayAfter(check_in, 1) }
  return must(201, await staff.post('holds', body)).body
}
const block = async () => {
  const body = {
    property_id: castProperties.lake.id,
    start_date: '2032-07-10',
    end_date: '2032-07-12',
    reason: 'other',
  }
  return must(201, await manager.post('availability/blocks', body)).body
}
const guest = { first_name: 'Ada', last_name: 'Lovelace' }

/** Prepares what is needed, and returns the change. */
const changes: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  'a new booking': async () => () => book('2032-07-01'),
  'other dates of a booking': async () => {
    const { id } = await book('2032-07-01')
    return async () => must(200, await manager.patch(`bookings/${id}`, { check_out: '2032-07-04' }))
  },
  'another property of a booking': async () => {
    const { id } = await book('2032-07-01')
    return async () => must(200, await manager.patch(`bookings/${id}`, { property_id: castProperties.town.id }))
  },
  'a status of a booking': async () => {
    const { id } = await book('2032-07-01', { status: 'pending' })
    return async () => must(200, await staff.patch(`bookings/${id}/status`, { status: 'confirmed' }))
  },
  'a payment': async () => {
    const { id } = await book('2032-07-01', { total_cents: 10_000 })
    return async () => must(200, await manager.patch(`bookings/${id}`, { paid_cents: 500 }))
  },
  'another guest of a booking': async () => {
    const { id } = await book('2032-07-01')
    return async () => must(200, await manager.patch(`bookings/${id}`, { guest }))
  },
  'a cancelled booking': async () => {
    const { id } = await book('2032-07-01')
    return async () => must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'host' }))
  },
  'a deleted booking': async () => {
    const { id } = await book('2032-07-01')
    return async () => must(204, await manager.delete(`bookings/${id}`))
  },
  'a split booking': async () => {
    const { id } = await book('2032-07-01')
    const body = { property_id: castProperties.town.id, check_in: '2032-07-02' }
    return async () => must(201, await manager.post(`bookings/${id}/split`, body))
  },
  'a renamed guest': async () => {
    const { guest: made } = await book('2032-07-01', { guest })
    return async () => must(200, await staff.patch(`guests/${made.id}`, { first_name: 'Augusta' }))
  },
  'a new block': async () => () => block(),
  'a changed block': async () => {
    const { id } = await block()
    return async () => must(200, await manager.patch(`availability/blocks/${id}`, { reason: 'maintenance' }))
  },
  'a deleted block': async () => {
    const { id } = await block()
    return async () => must(204, await manager.delete(`availability/blocks/${id}`))
  },
  'a new hold': async () => () => hold('2032-07-01'),
  'a released hold': async () => {
    const { id } = await hold('2032-07-01')
    return async () => must(204, await staff.delete(`holds/${id}`))
  },
  'a hold that becomes a booking': async () => {
    const { id } = await hold('2032-07-01')
    return async () => must(201, await staff.post(`holds/${id}/booking`, { num_adults: 2 }))
  },
  'a hold that expires': async () => {
    const { id } = await hold('2032-07-01')
    return () => expire(id)
  },
  'a new property': async () => async () =>
    must(201, await manager.post('properties', { name: 'New', property_type: 'house', max_guests: 4 })),
  'a changed property': async () => async () =>
    must(200, await manager.patch(`properties/${castProperties.lake.id}`, { city: 'Graz' })),
  'another owner of a property': async () => async () => {
    const body = { owner_id: players.otherOwner.user_id }
    must(200, await manager.patch(`properties/${castProperties.lake.id}`, body))
  },
  'a deleted property': async () => async () => must(204, await admin.delete(`properties/${castProperties.town.id}`)),
  'another time zone of the agency': async () => async () =>
    must(200, await admin.patch('agency', { time_zone: 'Asia/Tokyo' })),
  'a conflict of a channel': async () => {
    await book('2032-07-01')
    return importConflict
  },
}

async function expire(id: string): Promise<void> {
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [id])
}

async function importConflict(): Promise<void> {
  const dates = ['2032-07-01', '2032-07-03'] as const
  await importStay(db, { agency_id: north, listing: castProperties.lake.name, dates })
  assert.equal(must(200, await staff.get('conflicts')).body.items.length, 1)
}

for (const [name, prepare] of Object.entries(changes)) {
  test(`${name} changes the tag, before and after it is sealed`, async () => {
    const change = await prepare()
    await sealAudit(db)
    const first = await tagOf(staff)
    assert.ok(await isKnown(staff, first))
    await change()
    assert.ok(!(await isKnown(staff, first)), 'not sealed')
    const second = await tagOf(staff)
    assert.notEqual(second, first)
    await sealAudit(db)
    assert.ok(await isKnown(staff, second), 'sealing changes nothing')
    assert.ok(!(await isKnown(staff, first)), 'sealed')
  })
}

test('a hold that expires changes the tag again when its occupancy is deleted, and never back', async () => {
  const free = await tagOf(owner)
  const { id } = await hold('2032-07-01')
  const held = await tagOf(owner)
  await expire(id)
  const expired = await tagOf(owner)
  await expireHolds(db)
  assert.equal(new Set([free, held, expired, await tagOf(owner)]).size, 4)
})

test('a change in another agency does not change the tag', async () => {
  const tag = await tagOf(staff)
  must(200, await outsider.patch(`properties/${castProperties.beach.id}`, { city: 'Graz' }))
  assert.ok(await isKnown(staff, tag))
  await sealAudit(db)
  assert.ok(await isKnown(staff, tag))
})

test('another role, owner, agency, range or filter has another tag', async () => {
  const tags = await Promise.all([
    ...[admin, manager, staff, owner, otherOwner, accountant, outsider].map((client) => tagOf(client)),
    ...['&city=Graz', '&q=Graz', '&guests=2', '&is_active=true', '&free_from=2032-07-01&free_to=2032-07-02'].map(
      (more) => tagOf(staff, july + more),
    ),
    tagOf(staff, 'calendar?from=2032-07-01&to=2032-07-30'),
    tagOf(staff, 'calendar?from=2032-06-30&to=2032-07-31'),
  ])
  assert.equal(new Set(tags).size, tags.length)
  for (const tag of tags.slice(0, -1)) assert.ok(!(await isKnown(staff, tag, 'calendar?from=2032-06-30&to=2032-07-31')))
  assert.equal(await tagOf(staff, 'calendar?to=2032-07-31&from=2032-07-01'), tags[2], 'the order of parameters')
})

test('304 has the tag and no body, and a query that is invalid is refused all the same', async () => {
  const tag = await tagOf(staff)
  const reply = must(304, await staff.get(july, { 'if-none-match': `"other", ${tag}` }))
  assert.deepEqual([reply.headers.etag, reply.text], [tag, ''])
  must(200, await staff.get(july, { 'if-none-match': '"other"' }))
  must(422, await staff.get('calendar?from=2032-07-01&to=2034-07-01', { 'if-none-match': tag }))
})

test('while it is not known what is sealed, the tag is the hash of the answer', async () => {
  await book('2032-07-01')
  await store.owner.query('update app.audit_sealing set sealed_snapshot = null')
  const first = await tagOf(staff)
  assert.ok(await isKnown(staff, first))
  await book('2032-07-05')
  assert.ok(!(await isKnown(staff, first)))
  await sealAudit(db)
  assert.ok(!(await isKnown(staff, first)))
})

test('with more than 2000 entries without a seal, the tag is the hash of the answer', async () => {
  const insert = (count: number) =>
    store.owner.query(
      `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
       select $1, gen_random_uuid(), 'operator', 'test.made', 'test', $1 from generate_series(1, $2) n`,
      [north, count],
    )
  await sealAudit(db)
  const known = await tagOf(staff)
  await insert(2000)
  const counted = await tagOf(staff)
  assert.notEqual(counted, known)
  await insert(1)
  const hash = await tagOf(staff)
  await insert(1)
  assert.equal(await tagOf(staff), hash, 'the same answer')
  await book('2032-07-01')
  assert.notEqual(await tagOf(staff), hash)
  await sealAudit(db)
  assert.ok(await isKnown(staff, await tagOf(staff)))
})
