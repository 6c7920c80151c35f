// Tests holds over HTTP: nights, duration, limit, release, conversion, permissions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

const nights = (property_id: string, check_in: string, count = 3) => {
  return { property_id, check_in, check_out: dayAfter(check_in, count) }
}

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Sets the expiry of a hold to the past. */
async function expire(id: string): Promise<void> {
  await rowsOf("update holds set expires_at = now() - interval '1 second' where id = $1", id)
  await rowsOf("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", id)
}

/** Releases all active holds. */
async function releaseAllHolds(): Promise<void> {
  await rowsOf('delete from occupancies where hold_id is not null')
  await rowsOf('update holds set released_at = now() where booking_id is null and released_at is null')
}

/** The audit entries of an object, without ids and times. */
function logOf(id: string) {
  return rowsOf('select action, actor_id, before, after from audit_log where entity_id = $1 order by ctid', id)
}

test('a hold takes its nights for hold_minutes', async (t) => {
  t.after(releaseAllHolds)
  const property_id = await newProperty(manager)
  const body = nights(property_id, '2031-05-10')
  const reply = must(201, await staff.post('holds', { ...body, notes: 'Mrs Lovelace calls back' }))
  const { id, expires_at, created_at, ...rest } = reply.body
  assert.deepEqual(rest, {
    ...body,
    property_name: 'Home',
    notes: 'Mrs Lovelace calls back',
    status: 'active',
    created_by: players.staff.user_id,
    booking_id: null,
    version: 1,
  })
  assert.equal(Math.round((Date.parse(expires_at) - Date.parse(created_at)) / 1000), 15 * 60)
  assert.equal(reply.headers.location, `/api/v1/holds/${id}`)
  assert.deepEqual(must(200, await admin.get(`holds/${id}`)).body, reply.body)
  const refused = must(409, await admin.post('bookings', stay(property_id, '2031-05-12')))
  assert.equal(codeOf(refused), 'BOOKING_CONFLICT')
  assert.equal(codeOf(must(409, await manager.post('holds', nights(property_id, '2031-05-08')))), 'BOOKING_CONFLICT')
  must(201, await staff.post('bookings', stay(property_id, '2031-05-13')))
  const [row] = await rowsOf(
    'select o.expires_at = h.expires_at as same from occupancies o join holds h on h.id = o.hold_id where h.id = $1',
    id,
  )
  assert.deepEqual(row, { same: true })
})

test('a changed hold_minutes applies to new holds', async (t) => {
  t.after(releaseAllHolds)
  await rowsOf('update agencies set hold_minutes = 90 where id = $1', north)
  t.after(() => rowsOf('update agencies set hold_minutes = 15 where id = $1', north))
  const { body } = must(201, await staff.post('holds', nights(castProperties.town.id, '2031-05-10')))
  assert.equal(Math.round((Date.parse(body.expires_at) - Date.parse(body.created_at)) / 1000), 90 * 60)
})

test('releasing a hold frees its nights at once; a second release answers 409', async () => {
  const property_id = await newProperty(manager)
  const { id } = must(201, await staff.post('holds', nights(property_id, '2031-05-10'))).body
  must(204, await manager.delete(`holds/${id}`))
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.status, 'released')
  must(201, await staff.post('bookings', stay(property_id, '2031-05-10')))
  for (const again of [await staff.delete(`holds/${id}`), await staff.post(`holds/${id}/booking`, { num_adults: 1 })]) {
    assert.equal(codeOf(must(409, again)), 'HOLD_EXPIRED')
    assert.deepEqual(again.body.error.meta, { status: 'released', booking_id: null })
  }
})

const states: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  active: async () => {},
  expired: expire,
  booked: (id) => staff.post(`holds/${id}/booking`, { num_adults: 1 }),
}
for (const [state, end] of Object.entries(states)) {
  test(`the notes of ${state} holds can be deleted; a replayed answer never contains them`, async (t) => {
    t.after(releaseAllHolds)
    const body = { ...nights(await newProperty(manager), '2031-05-10'), notes: 'Mrs Lovelace' }
    const key = { 'idempotency-key': `notes of ${state}`.replaceAll(' ', '-') }
    const { id } = must(201, await staff.post('holds', body, key)).body
    await end(id)
    const before = must(200, await staff.get(`holds/${id}`)).body
    must(204, await manager.delete(`holds/${id}/notes`))
    const after = must(200, await staff.get(`holds/${id}`)).body
    assert.deepEqual(after, { ...before, notes: null, version: before.version + 1 })
    must(410, await staff.post('holds', body, key))
    assert.deepEqual((await logOf(id)).at(-1), {
      action: 'hold.updated',
      actor_id: players.manager.user_id,
      before: { notes: '[text]' },
      after: { notes: null },
    })
    const entries = (await logOf(id)).length
    must(204, await manager.delete(`holds/${id}/notes`))
    assert.equal((await logOf(id)).length, entries, 'a second deletion changes nothing')
  })
}

test('deleting the notes of a hold needs holds:write in its agency', async (t) => {
  t.after(releaseAllHolds)
  const body = { ...nights(await newProperty(manager), '2031-05-10'), notes: 'Mrs Lovelace' }
  const { id } = must(201, await staff.post('holds', body)).body
  for (const client of [owner, accountant]) must(403, await client.delete(`holds/${id}/notes`))
  assert.equal(codeOf(must(404, await outsider.delete(`holds/${id}/notes`))), 'HOLD_NOT_FOUND')
  must(404, await staff.delete(`holds/${missing}/notes`))
  must(204, await staff.delete(`holds/${id}`))
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.notes, null, 'releasing deletes them as well')
})

test('an expired hold blocks no nights and can be neither booked nor released', async () => {
  const property_id = await newProperty(manager)
  const { id } = must(201, await staff.post('holds', nights(property_id, '2031-05-10'))).body
  await expire(id)
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.status, 'expired')
  for (const reply of [await staff.delete(`holds/${id}`), await staff.post(`holds/${id}/booking`, { num_adults: 1 })]) {
    assert.equal(codeOf(must(409, reply)), 'HOLD_EXPIRED')
    assert.deepEqual(reply.body.error.meta, { status: 'expired', booking_id: null })
  }
  assert.deepEqual(await rowsOf('select count(*)::int as n from occupancies where hold_id = $1', id), [{ n: 1 }])
  must(201, await staff.post('bookings', stay(property_id, '2031-05-11')))
  assert.deepEqual(await rowsOf('select count(*)::int as n from occupancies where hold_id = $1', id), [{ n: 0 }])
})

test('the nights of an expired hold can be held again', async (t) => {
  t.after(releaseAllHolds)
  const property_id = await newProperty(manager)
  const { id } = must(201, await staff.post('holds', nights(property_id, '2031-05-10'))).body
  await expire(id)
  const { body } = must(201, await staff.post('holds', nights(property_id, '2031-05-10')))
  assert.equal(body.status, 'active')
})

test('a hold converts to a booking with its property and dates', async () => {
  const property_id = await newProperty(manager)
  const hold = must(201, await staff.post('holds', { ...nights(property_id, '2031-05-10'), notes: 'secret' })).body
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
  const reply = must(201, await staff.post(`holds/${hold.id}/booking`, { num_adults: 2, guest }))
  const { id, check_in, check_out, status, total_cents } = reply.body
  const expected = { property_id, check_in: hold.check_in, check_out: hold.check_out }
  assert.deepEqual({ property_id: reply.body.property_id, check_in, check_out }, expected)
  assert.deepEqual([status, total_cents, reply.body.guest.email], ['confirmed', 35_000, 'ada@example.com'])
  assert.equal(reply.headers.location, `/api/v1/bookings/${id}`)
  assert.equal(reply.headers.etag, (await staff.get(`bookings/${id}`)).headers.etag)
  const { body: now } = must(200, await staff.get(`holds/${hold.id}`))
  assert.deepEqual([now.status, now.booking_id], ['converted', id])
  assert.deepEqual(
    await rowsOf('select kind, booking_id, hold_id from occupancies where property_id = $1', property_id),
    [{ kind: 'booking', booking_id: id, hold_id: null }],
  )
  const again = must(409, await staff.post(`holds/${hold.id}/booking`, { num_adults: 2 }))
  assert.deepEqual([codeOf(again), again.body.error.meta], ['HOLD_EXPIRED', { status: 'converted', booking_id: id }])
  assert.equal(codeOf(must(409, await staff.delete(`holds/${hold.id}`))), 'HOLD_EXPIRED')
  const log = await logOf(hold.id)
  const actor_id = players.staff.user_id
  const { expires_at } = hold
  assert.deepEqual(log, [
    { action: 'hold.created', actor_id, before: null, after: { ...expected, expires_at, notes: '[text]' } },
    { action: 'hold.converted', actor_id, before: null, after: { booking_id: id } },
  ])
})

test('a refused conversion leaves the hold active, also with an Idempotency-Key', async (t) => {
  t.after(releaseAllHolds)
  const property_id = await newProperty(manager)
  const { id } = must(201, await staff.post('holds', nights(property_id, '2031-05-10'))).body
  for (const headers of [{}, { 'idempotency-key': 'too-many' }] as Record<string, string>[]) {
    const refused = must(422, await staff.post(`holds/${id}/booking`, { num_adults: 9 }, headers))
    assert.deepEqual(findings(refused), ['/num_adults TOO_MANY_GUESTS'])
    assert.equal((await staff.get(`holds/${id}`)).body.status, 'active')
    assert.equal(codeOf(await manager.post('bookings', stay(property_id, '2031-05-10'))), 'BOOKING_CONFLICT')
  }
  const key = { 'idempotency-key': 'once' }
  const first = must(201, await staff.post(`holds/${id}/booking`, { num_adults: 2 }, key))
  const second = must(201, await staff.post(`holds/${id}/booking`, { num_adults: 2 }, key))
  assert.equal(second.text, first.text)
  assert.equal(second.headers['idempotency-replayed'], 'true')
})

test('invalid fields are refused; a conversion cannot change property or dates', async (t) => {
  t.after(releaseAllHolds)
  const cases: readonly [object, string][] = [
    [{ property_id: castProperties.town.id, check_in: '2031-05-10' }, '/check_out REQUIRED'],
    [{ ...nights(castProperties.town.id, '2031-05-10'), check_out: '2031-05-10' }, '/check_out NOT_AFTER_CHECK_IN'],
    [nights(castProperties.town.id, '2031-05-10', 367), '/check_out TOO_LONG'],
    [{ ...nights(castProperties.town.id, '2031-05-10'), colour: 'red' }, '/colour UNKNOWN_FIELD'],
  ]
  for (const [body, finding] of cases) {
    assert.deepEqual(findings(must(422, await staff.post('holds', body))), [finding])
  }
  assert.equal(
    codeOf(must(404, await staff.post('holds', nights(castProperties.beach.id, '2031-05-10')))),
    'PROPERTY_NOT_FOUND',
  )
  const { id } = must(201, await staff.post('holds', nights(castProperties.town.id, '2031-06-10'))).body
  for (const more of [{ check_in: '2031-06-11' }, { property_id: castProperties.lake.id }, { status: 'inquiry' }]) {
    const refused = must(422, await staff.post(`holds/${id}/booking`, { num_adults: 1, ...more }))
    assert.equal(refused.body.error.details[0].pointer, `/${Object.keys(more)[0]}`)
  }
  assert.deepEqual(findings(await staff.get('holds?status=gone')).length, 1)
})

test('the rules of the property apply to a hold', async () => {
  const property_id = await newProperty(manager, { min_nights: 5 })
  const refused = must(409, await staff.post('holds', nights(property_id, '2031-05-10')))
  assert.deepEqual([codeOf(refused), refused.body.error.meta.rule], ['BOOKING_RULE_BROKEN', 'min_nights'])
  must(200, await manager.patch(`properties/${property_id}`, { is_active: false, min_nights: 1 }))
  assert.equal(codeOf(must(409, await staff.post('holds', nights(property_id, '2031-05-10')))), 'PROPERTY_UNAVAILABLE')
  assert.deepEqual(await rowsOf('select 1 from occupancies where property_id = $1', property_id), [])
})

test('of 20 concurrent holds of one user exactly 5 are created; the others get the limit', async (t) => {
  t.after(releaseAllHolds)
  const property_ids = await Promise.all(Array.from({ length: 4 }, () => newProperty(manager)))
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      staff.post('holds', nights(property_ids[i % 4] ?? '', dayAfter('2031-01-01', i * 3), 2)),
    ),
  )
  const created = replies.filter(({ status }) => status === 201)
  const refused = replies.filter((reply) => codeOf(reply) === 'HOLD_LIMIT_REACHED')
  assert.deepEqual([created.length, refused.length], [5, 15])
  assert.deepEqual(refused[0]?.body.error.meta, { limit: 5 })
  must(201, await manager.post('holds', nights(property_ids[0] ?? '', '2033-01-01')))
  const [released, expired, booked] = created.map(({ body }) => body.id as string)
  must(204, await staff.delete(`holds/${released}`))
  await expire(expired ?? '')
  must(201, await staff.post(`holds/${booked}/booking`, { num_adults: 1 }))
  for (const day of ['2033-02-01', '2033-03-01', '2033-04-01']) {
    must(201, await staff.post('holds', nights(property_ids[0] ?? '', day)))
  }
  assert.equal(codeOf(await staff.post('holds', nights(property_ids[0] ?? '', '2033-05-01'))), 'HOLD_LIMIT_REACHED')
})

test('holds are listed newest first, with pages and filters by property and status', async (t) => {
  t.after(releaseAllHolds)
  const property_id = await newProperty(manager)
  const ids: string[] = []
  for (let i = 0; i < 4; i++) {
    ids.unshift(must(201, await manager.post('holds', nights(property_id, dayAfter('2031-01-01', i * 5)))).body.id)
  }
  const [active = '', booked = '', released = '', expired = ''] = ids
  must(201, await manager.post(`holds/${booked}/booking`, { num_adults: 1 }))
  must(204, await manager.delete(`holds/${released}`))
  await expire(expired)
  const listed = async (query: string) =>
    (await readAllPages(staff, `holds?property_id=${property_id}&limit=3${query}`)).map(({ id }) => id)
  assert.deepEqual(await listed(''), ids)
  assert.deepEqual(await listed('&status=active'), [active])
  assert.deepEqual(await listed('&status=converted'), [booked])
  assert.deepEqual(await listed('&status=released'), [released])
  assert.deepEqual(await listed('&status=expired'), [expired])
})

test('owners and accountants cannot read holds; those of other agencies are not found', async (t) => {
  t.after(releaseAllHolds)
  const { id } = must(201, await staff.post('holds', nights(castProperties.lake.id, '2031-05-10'))).body
  for (const client of [owner, accountant]) {
    must(403, await client.get('holds'))
    must(403, await client.get(`holds/${id}`))
    must(403, await client.post('holds', {}))
  }
  assert.deepEqual(must(200, await outsider.get('holds')).body.items, [])
  assert.deepEqual(must(200, await outsider.get(`holds?property_id=${castProperties.lake.id}`)).body.items, [])
  for (const reply of [await outsider.get(`holds/${id}`), await staff.get(`holds/${missing}`)]) {
    assert.equal(codeOf(must(404, reply)), 'HOLD_NOT_FOUND')
  }
})
