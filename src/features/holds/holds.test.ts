// Proves what a hold takes, for how long, what becomes of it, and that nobody gets more of them than one may have.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newHome, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

const nights = (property_id: string, check_in: string, count = 3) => {
  return { property_id, check_in, check_out: dayAfter(check_in, count) }
}

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Lets the time of a hold run out. */
async function expire(id: string): Promise<void> {
  await rowsOf("update holds set expires_at = now() - interval '1 second' where id = $1", id)
  await rowsOf("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", id)
}

/** Nobody has an active hold any more. */
async function letGo(): Promise<void> {
  await rowsOf('delete from occupancies where hold_id is not null')
  await rowsOf('update holds set released_at = now() where booking_id is null and released_at is null')
}

/** What the audit log says about a record, without ids and times. */
function logOf(id: string) {
  return rowsOf('select action, actor_id, before, after from audit_log where entity_id = $1 order by ctid', id)
}

test('a hold takes its nights from everybody for as many minutes as the agency says', async (t) => {
  t.after(letGo)
  const home = await newHome(manager)
  const body = nights(home, '2031-05-10')
  const reply = must(201, await staff.post('holds', { ...body, notes: 'Mrs Lovelace calls back' }))
  const { id, expires_at, created_at, ...rest } = reply.body
  assert.deepEqual(rest, {
    ...body,
    property_name: 'Home',
    notes: 'Mrs Lovelace calls back',
    status: 'active',
    created_by: players.staff.user_id,
    booking_id: null,
  })
  assert.equal(Math.round((Date.parse(expires_at) - Date.parse(created_at)) / 1000), 15 * 60)
  assert.equal(reply.headers.location, `/api/v1/holds/${id}`)
  assert.deepEqual(must(200, await admin.get(`holds/${id}`)).body, reply.body)
  const refused = must(409, await admin.post('bookings', stay(home, '2031-05-12')))
  assert.equal(codeOf(refused), 'BOOKING_CONFLICT')
  assert.equal(codeOf(must(409, await manager.post('holds', nights(home, '2031-05-08')))), 'BOOKING_CONFLICT')
  must(201, await staff.post('bookings', stay(home, '2031-05-13')))
  const [row] = await rowsOf(
    'select o.expires_at = h.expires_at as same from occupancies o join holds h on h.id = o.hold_id where h.id = $1',
    id,
  )
  assert.deepEqual(row, { same: true })
})

test('the agency says how long: holds made from then on last so many minutes', async (t) => {
  t.after(letGo)
  await rowsOf('update agencies set hold_minutes = 90 where id = $1', north)
  t.after(() => rowsOf('update agencies set hold_minutes = 15 where id = $1', north))
  const { body } = must(201, await staff.post('holds', nights(castProperties.town.id, '2031-05-10')))
  assert.equal(Math.round((Date.parse(body.expires_at) - Date.parse(body.created_at)) / 1000), 90 * 60)
})

test('a released hold frees its nights at once, once, and says so', async () => {
  const home = await newHome(manager)
  const { id } = must(201, await staff.post('holds', nights(home, '2031-05-10'))).body
  must(204, await manager.delete(`holds/${id}`))
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.status, 'released')
  must(201, await staff.post('bookings', stay(home, '2031-05-10')))
  for (const again of [await staff.delete(`holds/${id}`), await staff.post(`holds/${id}/booking`, { num_adults: 1 })]) {
    assert.equal(codeOf(must(409, again)), 'HOLD_EXPIRED')
    assert.deepEqual(again.body.error.meta, { status: 'released', booking_id: null })
  }
})

const ends: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  active: async () => {},
  expired: expire,
  booked: (id) => staff.post(`holds/${id}/booking`, { num_adults: 1 }),
}
for (const [state, end] of Object.entries(ends)) {
  test(`the notes of a hold that is ${state} can be deleted, and no kept answer repeats them`, async (t) => {
    t.after(letGo)
    const body = { ...nights(await newHome(manager), '2031-05-10'), notes: 'Mrs Lovelace' }
    const key = { 'idempotency-key': `notes of ${state}`.replaceAll(' ', '-') }
    const { id } = must(201, await staff.post('holds', body, key)).body
    await end(id)
    const before = must(200, await staff.get(`holds/${id}`)).body
    must(204, await manager.delete(`holds/${id}/notes`))
    const after = must(200, await staff.get(`holds/${id}`)).body
    assert.deepEqual(after, { ...before, notes: null })
    must(410, await staff.post('holds', body, key))
    assert.deepEqual((await logOf(id)).at(-1), {
      action: 'hold.updated',
      actor_id: players.manager.user_id,
      before: { notes: '[text]' },
      after: { notes: null },
    })
    const entries = (await logOf(id)).length
    must(204, await manager.delete(`holds/${id}/notes`))
    assert.equal((await logOf(id)).length, entries, 'a second time nothing happens')
  })
}

test('notes of a hold are deleted by those who may hold, in their own agency', async (t) => {
  t.after(letGo)
  const body = { ...nights(await newHome(manager), '2031-05-10'), notes: 'Mrs Lovelace' }
  const { id } = must(201, await staff.post('holds', body)).body
  for (const client of [owner, accountant]) must(403, await client.delete(`holds/${id}/notes`))
  assert.equal(codeOf(must(404, await outsider.delete(`holds/${id}/notes`))), 'HOLD_NOT_FOUND')
  must(404, await staff.delete(`holds/${missing}/notes`))
  must(204, await staff.delete(`holds/${id}`))
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.notes, null, 'releasing deletes them as well')
})

test('an expired hold is in nobody’s way although no job ran, and cannot be booked or released', async () => {
  const home = await newHome(manager)
  const { id } = must(201, await staff.post('holds', nights(home, '2031-05-10'))).body
  await expire(id)
  assert.equal(must(200, await staff.get(`holds/${id}`)).body.status, 'expired')
  for (const late of [await staff.delete(`holds/${id}`), await staff.post(`holds/${id}/booking`, { num_adults: 1 })]) {
    assert.equal(codeOf(must(409, late)), 'HOLD_EXPIRED')
    assert.deepEqual(late.body.error.meta, { status: 'expired', booking_id: null })
  }
  assert.deepEqual(await rowsOf('select count(*)::int as n from occupancies where hold_id = $1', id), [{ n: 1 }])
  must(201, await staff.post('bookings', stay(home, '2031-05-11')))
  assert.deepEqual(await rowsOf('select count(*)::int as n from occupancies where hold_id = $1', id), [{ n: 0 }])
})

test('an expired hold makes way for another hold as well', async (t) => {
  t.after(letGo)
  const home = await newHome(manager)
  const { id } = must(201, await staff.post('holds', nights(home, '2031-05-10'))).body
  await expire(id)
  const { body } = must(201, await staff.post('holds', nights(home, '2031-05-10')))
  assert.equal(body.status, 'active')
})

test('a held stay becomes a booking with the property and dates of the hold, and both say so', async () => {
  const home = await newHome(manager)
  const hold = must(201, await staff.post('holds', { ...nights(home, '2031-05-10'), notes: 'secret' })).body
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
  const reply = must(201, await staff.post(`holds/${hold.id}/booking`, { num_adults: 2, guest }))
  const { id, property_id, check_in, check_out, status, total_cents } = reply.body
  const expected = { property_id: home, check_in: hold.check_in, check_out: hold.check_out }
  assert.deepEqual({ property_id, check_in, check_out }, expected)
  assert.deepEqual([status, total_cents, reply.body.guest.email], ['confirmed', 35_000, 'ada@example.com'])
  assert.equal(reply.headers.location, `/api/v1/bookings/${id}`)
  assert.equal(reply.headers.etag, (await staff.get(`bookings/${id}`)).headers.etag)
  const { body: now } = must(200, await staff.get(`holds/${hold.id}`))
  assert.deepEqual([now.status, now.booking_id], ['converted', id])
  assert.deepEqual(await rowsOf('select kind, booking_id, hold_id from occupancies where property_id = $1', home), [
    { kind: 'booking', booking_id: id, hold_id: null },
  ])
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

test('a booking that is refused leaves the hold as it was, also under an Idempotency-Key', async (t) => {
  t.after(letGo)
  const home = await newHome(manager)
  const { id } = must(201, await staff.post('holds', nights(home, '2031-05-10'))).body
  for (const headers of [{}, { 'idempotency-key': 'too-many' }] as Record<string, string>[]) {
    const refused = must(422, await staff.post(`holds/${id}/booking`, { num_adults: 9 }, headers))
    assert.deepEqual(findings(refused), ['/num_adults TOO_MANY_GUESTS'])
    assert.equal((await staff.get(`holds/${id}`)).body.status, 'active')
    assert.equal(codeOf(await manager.post('bookings', stay(home, '2031-05-10'))), 'BOOKING_CONFLICT')
  }
  const key = { 'idempotency-key': 'once' }
  const first = must(201, await staff.post(`holds/${id}/booking`, { num_adults: 2 }, key))
  const second = must(201, await staff.post(`holds/${id}/booking`, { num_adults: 2 }, key))
  assert.equal(second.text, first.text)
  assert.equal(second.headers['idempotency-replayed'], 'true')
})

test('the wrong field is named, and the hold decides about place and time', async (t) => {
  t.after(letGo)
  const wrong: readonly [object, string][] = [
    [{ property_id: castProperties.town.id, check_in: '2031-05-10' }, '/check_out REQUIRED'],
    [{ ...nights(castProperties.town.id, '2031-05-10'), check_out: '2031-05-10' }, '/check_out NOT_AFTER_CHECK_IN'],
    [nights(castProperties.town.id, '2031-05-10', 366), '/check_out TOO_LONG'],
    [{ ...nights(castProperties.town.id, '2031-05-10'), colour: 'red' }, '/colour UNKNOWN_FIELD'],
  ]
  for (const [body, finding] of wrong) {
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
  const home = await newHome(manager, { min_nights: 5 })
  const refused = must(409, await staff.post('holds', nights(home, '2031-05-10')))
  assert.deepEqual([codeOf(refused), refused.body.error.meta.rule], ['PROPERTY_UNAVAILABLE', 'min_nights'])
  must(200, await manager.patch(`properties/${home}`, { is_active: false, min_nights: 1 }))
  assert.equal(codeOf(must(409, await staff.post('holds', nights(home, '2031-05-10')))), 'PROPERTY_UNAVAILABLE')
  assert.deepEqual(await rowsOf('select 1 from occupancies where property_id = $1', home), [])
})

test('of 20 holds that one person asks for at once exactly 5 are given, and the others are told the limit', async (t) => {
  t.after(letGo)
  const homes = await Promise.all(Array.from({ length: 4 }, () => newHome(manager)))
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      staff.post('holds', nights(homes[i % 4] ?? '', dayAfter('2031-01-01', i * 3), 2)),
    ),
  )
  const made = replies.filter(({ status }) => status === 201)
  const refused = replies.filter((reply) => codeOf(reply) === 'HOLD_LIMIT_REACHED')
  assert.deepEqual([made.length, refused.length], [5, 15])
  assert.deepEqual(refused[0]?.body.error.meta, { limit: 5 })
  must(201, await manager.post('holds', nights(homes[0] ?? '', '2033-01-01')))
  const [released, expired, booked] = made.map(({ body }) => body.id as string)
  must(204, await staff.delete(`holds/${released}`))
  await expire(expired ?? '')
  must(201, await staff.post(`holds/${booked}/booking`, { num_adults: 1 }))
  for (const day of ['2033-02-01', '2033-03-01', '2033-04-01']) {
    must(201, await staff.post('holds', nights(homes[0] ?? '', day)))
  }
  assert.equal(codeOf(await staff.post('holds', nights(homes[0] ?? '', '2033-05-01'))), 'HOLD_LIMIT_REACHED')
})

test('holds are listed newest first, page by page, by property and by what has become of them', async (t) => {
  t.after(letGo)
  const home = await newHome(manager)
  const ids: string[] = []
  for (let i = 0; i < 4; i++) {
    ids.unshift(must(201, await manager.post('holds', nights(home, dayAfter('2031-01-01', i * 5)))).body.id)
  }
  const [active = '', booked = '', released = '', expired = ''] = ids
  must(201, await manager.post(`holds/${booked}/booking`, { num_adults: 1 }))
  must(204, await manager.delete(`holds/${released}`))
  await expire(expired)
  const listed = async (query: string) => {
    const found: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const more: string = cursor && `&cursor=${cursor}`
      const { body } = must(200, await staff.get(`holds?property_id=${home}&limit=3${query}${more}`))
      found.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.next_cursor
    }
    return found
  }
  assert.deepEqual(await listed(''), ids)
  assert.deepEqual(await listed('&status=active'), [active])
  assert.deepEqual(await listed('&status=converted'), [booked])
  assert.deepEqual(await listed('&status=released'), [released])
  assert.deepEqual(await listed('&status=expired'), [expired])
})

test('owners and accountants see no holds, and another agency’s are not there', async (t) => {
  t.after(letGo)
  const { id } = must(201, await staff.post('holds', nights(castProperties.lake.id, '2031-05-10'))).body
  for (const somebody of [owner, accountant]) {
    must(403, await somebody.get('holds'))
    must(403, await somebody.get(`holds/${id}`))
    must(403, await somebody.post('holds', {}))
  }
  assert.deepEqual(must(200, await outsider.get('holds')).body.items, [])
  assert.deepEqual(must(200, await outsider.get(`holds?property_id=${castProperties.lake.id}`)).body.items, [])
  for (const lost of [await outsider.get(`holds/${id}`), await staff.get(`holds/${missing}`)]) {
    assert.equal(codeOf(must(404, lost)), 'HOLD_NOT_FOUND')
  }
})
