// Every route with an id, called by the other agency's admin and by the other owner: the response is
// the 404 of a missing id, byte for byte, and nothing changes.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { listRolesWith } from '../../src/core/auth/permissions.ts'
import { upload_type } from '../../src/http/upload.ts'
import { castProperties, password, players } from '../cast.ts'
import { type Client, cast } from '../harness.ts'
import { insertConflict, photoInsert } from '../steps.ts'
import { checksumOf } from '../two-agencies.ts'

const fixture = await cast()
const missing = '00000000-0000-7000-8000-00000000dead'
const ids: Record<string, string> = { properties: castProperties.lake.id, team: players.accountant.user_id }
const patches: Record<string, object> = {
  properties: { name: 'mine now' },
  bookings: { num_adults: 1 },
  guests: { phone: null },
  blocks: { reason: 'other' },
  team: { role: 'staff' },
  views: { name: 'mine now' },
  photos: { position: 1 },
}
/** Bodies of routes for one step of a record. */
const bodies: Record<string, object> = {
  'PATCH /api/v1/bookings/:id/status': { status: 'checked_in' },
  'PATCH /api/v1/bookings/:id/refund': { refund_cents: 0, refund_reason: 'none' },
  'POST /api/v1/bookings/:id/cancellation': { cancelled_by: 'guest' },
  'POST /api/v1/holds/:id/booking': { num_adults: 1 },
  'POST /api/v1/guests/:id/merge': { guest_id: missing },
  'POST /api/v1/bookings/:id/split': { property_id: castProperties.beach.id, check_in: '2031-03-02' },
}
const stay = { property_id: castProperties.lake.id, check_in: '2031-03-01', check_out: '2031-03-05', num_adults: 2 }
const { num_adults: _, ...kept } = stay

before(async () => {
  const guest = { first_name: 'Nora', last_name: 'North', email: 'nora@example.com' }
  const reply = await fixture.staff.post('bookings', { ...stay, guest })
  assert.equal(reply.status, 201, reply.text)
  ids.bookings = reply.body.id as string
  ids.guests = reply.body.guest.id as string
  const held = await fixture.staff.post('holds', { ...kept, check_in: '2031-04-01', check_out: '2031-04-05' })
  assert.equal(held.status, 201, held.text)
  ids.holds = held.body.id as string
  const nights = { property_id: castProperties.lake.id, start_date: '2031-05-10', end_date: '2031-05-12' }
  const blocked = await fixture.owner.post('availability/blocks', { ...nights, reason: 'owner_use' })
  assert.equal(blocked.status, 201, blocked.text)
  ids.blocks = blocked.body.id as string
  const invited = await fixture.admin.post('team', { email: 'new@example.com', role: 'staff' })
  assert.equal(invited.status, 201, invited.text)
  ids.invitations = invited.body.id as string
  const signed_in = await fixture.anonymous.post('auth/login', { email: players.staff.email, password })
  assert.equal(signed_in.status, 200, signed_in.text)
  ids.sessions = (await fixture.staff.get('me/sessions')).body.items[0].id as string
  const view = await fixture.owner.post('me/views', { list: 'bookings', name: 'Own', filters: {} })
  assert.equal(view.status, 201, view.text)
  ids.views = view.body.id as string
  ids.conflicts = await insertConflict(fixture.store, castProperties.lake)
  const { rows } = await fixture.store.owner.query(photoInsert(castProperties.lake))
  ids.photos = String(rows[0]?.id)
})

const fingerprint = () => checksumOf(fixture.store)
const withoutRequestId = (text: string) => text.replace(/"request_id":"[^"]*",?/, '')
const withId = fixture.app.declaredRoutes.filter(({ url, method }) => url.includes('/:id') && method !== 'HEAD')

/** The last path segment before the id: properties, invitations. */
function collectionOf(url: string): string {
  return url.split('/:id')[0]?.split('/').at(-1) ?? ''
}

/** A file that begins like a PNG. */
const file = Buffer.from('89504e470d0a1a0a', 'hex')

function probe(client: Client, method: string, url: string, id: string) {
  if (url.endsWith('/:id/photos'))
    return client.request('POST', url.replace(':id', id), file, { 'content-type': upload_type })
  const collection = collectionOf(url)
  const body = bodies[`${method} ${url}`] ?? (method === 'PATCH' ? patches[collection] : undefined)
  return client.request(method as 'GET', url.replace(':id', id), body)
}

test('there are routes with ids to probe', () => assert.ok(withId.length >= 6))

for (const { method, url, can } of withId) {
  const collection = collectionOf(url)

  test(`${method} ${url}: another agency's id answers like a missing one and changes nothing`, async () => {
    const id = ids[collection]
    assert.ok(id, `no fixture for ${collection}`)
    const before = await fingerprint()
    const foreign = await probe(fixture.outsider, method, url, id)
    const absent = await probe(fixture.outsider, method, url, missing)
    assert.equal(foreign.status, 404)
    assert.equal(withoutRequestId(foreign.text), withoutRequestId(absent.text))
    assert.equal(await fingerprint(), before)
  })

  if (can !== undefined && listRolesWith(can).includes('owner')) {
    test(`${method} ${url}: another owner's id answers like a missing one`, async () => {
      const foreign = await probe(fixture.otherOwner, method, url, ids[collection] ?? '')
      const absent = await probe(fixture.otherOwner, method, url, missing)
      assert.equal(foreign.status, 404)
      assert.equal(withoutRequestId(foreign.text), withoutRequestId(absent.text))
      const own = await probe(fixture.owner, method, url, ids[collection] ?? '')
      assert.equal(own.status, method === 'DELETE' ? 204 : 200)
    })
  }
}

test('lists contain nothing of another agency, whatever the filter', async () => {
  const { outsider } = fixture
  const all = await outsider.get('properties?limit=100')
  assert.deepEqual(
    all.body.items.map((item: { id: string }) => item.id),
    [castProperties.beach.id],
  )
  const paths = [
    `properties?owner_id=${players.owner.user_id}`,
    'bookings',
    `bookings?property_id=${castProperties.lake.id}`,
  ]
  for (const path of paths) assert.deepEqual((await outsider.get(path)).body.items, [], path)
})

test("an owner's lists contain own properties and their bookings only, whatever the filter", async () => {
  const { owner, otherOwner } = fixture
  const names = async (client: Client) =>
    (await client.get('properties')).body.items.map((item: { name: string }) => item.name)
  assert.deepEqual(await names(owner), ['Lake House'])
  assert.deepEqual(await names(otherOwner), ['Forest Cabin'])
  assert.equal((await owner.get('bookings')).body.items.length, 1)
  for (const path of [
    'bookings',
    `bookings?property_id=${castProperties.lake.id}`,
    `properties?owner_id=${players.owner.user_id}`,
  ]) {
    assert.deepEqual((await otherOwner.get(path)).body.items, [], path)
  }
})

test("a body with another agency's ids is refused like one with missing ids", async () => {
  const { outsider } = fixture
  const before = await fingerprint()
  const foreign = await outsider.post('bookings', { ...stay, check_in: '2031-05-01', check_out: '2031-05-02' })
  const absent = await outsider.post('bookings', {
    ...stay,
    property_id: missing,
    check_in: '2031-05-01',
    check_out: '2031-05-02',
  })
  assert.equal(foreign.status, 404)
  assert.equal(withoutRequestId(foreign.text), withoutRequestId(absent.text))
  const taken = await outsider.post('bookings', stay)
  assert.equal(taken.body.error.code, 'PROPERTY_NOT_FOUND', 'nothing about nights of another agency')
  const property = { name: 'Trap', property_type: 'house', max_guests: 2 }
  const owned = await outsider.post('properties', { ...property, owner_id: players.owner.user_id })
  assert.equal(owned.status, 422)
  assert.equal(await fingerprint(), before)
  const mine = { ...stay, property_id: castProperties.beach.id }
  const own = await outsider.post('guests', { first_name: 'Sue', last_name: 'South' })
  const unchanged = await fingerprint()
  for (const [path, body] of [
    ['bookings', mine],
    [`guests/${own.body.id}/merge`, {}],
  ] as const) {
    const [seen, unseen] = [
      await outsider.post(path, { ...body, guest_id: ids.guests }),
      await outsider.post(path, { ...body, guest_id: missing }),
    ]
    assert.equal(seen.body.error.code, 'GUEST_NOT_FOUND')
    assert.equal(withoutRequestId(seen.text), withoutRequestId(unseen.text))
  }
  assert.equal(await fingerprint(), unchanged)
})

test('a member of two agencies names one and sees that one only', async () => {
  const { bothAgencies } = fixture
  const unsaid = await bothAgencies.get('properties')
  assert.equal(unsaid.body.error.code, 'AGENCY_REQUIRED')
  assert.equal(unsaid.body.error.meta.agencies.length, 2)
  const there = await bothAgencies.get('properties', { 'x-agency-id': castProperties.beach.agency_id })
  assert.deepEqual(
    there.body.items.map((item: { name: string }) => item.name),
    ['Beach Villa'],
  )
  const foreign = await fixture.staff.get('properties', { 'x-agency-id': castProperties.beach.agency_id })
  assert.equal(foreign.status, 403)
  const absent = await fixture.staff.get('properties', { 'x-agency-id': missing })
  assert.equal(withoutRequestId(absent.text), withoutRequestId(foreign.text))
})
