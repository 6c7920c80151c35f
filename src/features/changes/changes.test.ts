// The changes feed as pages: what each role sees, positions, and bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { must, stay } from '../../../test/steps.ts'
import { permissions, type Role, roles } from '../../core/auth/permissions.ts'
import { sealAudit } from '../../core/events/sealer.ts'

const clients = await castPerTest()
const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = clients

const seal = () => sealAudit(store.db)
async function read(client: Client, query = ''): Promise<Record<string, unknown>[]> {
  await seal()
  return must(200, await client.get(`changes${query}`)).body.items
}
const typesOf = (items: readonly Record<string, unknown>[]) => items.map(({ type }) => type)
const book = async (property_id: string, check_in = '2031-01-01'): Promise<string> =>
  must(201, await staff.post('bookings', stay(property_id, check_in))).body.id

test('a change has its number, type, record, version and property, and nothing else', async () => {
  const id = await book(castProperties.lake.id)
  must(200, await manager.patch(`bookings/${id}`, { num_pets: 1 }))
  const record = {
    entity_type: 'booking',
    entity_id: id,
    property_id: castProperties.lake.id,
    former_property_id: null,
  }
  assert.deepEqual(await read(staff), [
    { id: 1, type: 'booking.created', ...record, version: 1 },
    { id: 2, type: 'booking.updated', ...record, version: 2 },
  ])
})

test('pages continue by next_cursor, and later by the id of the last change', async () => {
  for (let month = 1; month <= 5; month += 1) await book(castProperties.town.id, `2031-0${month}-01`)
  await seal()
  const ids: number[] = []
  let after = '0'
  for (;;) {
    const { items, next_cursor } = must(200, await manager.get(`changes?limit=2&after=${after}`)).body
    ids.push(...items.map((item: { id: number }) => item.id))
    if (next_cursor === null) break
    after = next_cursor
  }
  assert.deepEqual(ids, [1, 2, 3, 4, 5])
  assert.deepEqual(await read(manager, '?after=5'), [])
  await book(castProperties.town.id, '2031-06-01')
  assert.deepEqual(
    (await read(manager, '?after=5')).map(({ id }) => id),
    [6],
  )
  assert.deepEqual(await read(manager, '?after=999999999999999'), [])
})

test("another agency's changes have numbers of their own", async () => {
  await book(castProperties.town.id)
  must(200, await outsider.patch(`properties/${castProperties.beach.id}`, { city: 'Beach' }))
  const [change, ...others] = await read(outsider)
  assert.deepEqual([change?.id, change?.type, others], [1, 'property.updated', []])
})

/** The permission that each entity type needs; others are for roles that read the audit log. */
const needed: Readonly<Record<string, keyof typeof permissions>> = {
  booking: 'bookings:read',
  property: 'properties:read',
  block: 'availability:read',
  hold: 'holds:read',
  guest: 'guests:read',
  team_member: 'team:read',
  team_invitation: 'team:read',
  agency: 'agency:read',
  feature: 'features:read',
  session: 'audit:read',
  something_new: 'audit:read',
}

for (const role of roles) {
  test(`${role} sees the changes of exactly those records that the role may read`, async () => {
    for (const entity of Object.keys(needed)) {
      await store.owner.query(
        `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id, version, property_id)
         values ($1, gen_random_uuid(), 'operator', $2, $3, gen_random_uuid(), 1, $4)`,
        [north, `${entity}.made`, entity, castProperties.lake.id],
      )
    }
    const may = (permission: keyof typeof permissions) => role in permissions[permission]
    const has_property = ['block', 'booking', 'property']
    const expected = Object.entries(needed).flatMap(([entity, permission]) =>
      may(permission) && (role !== 'owner' || has_property.includes(entity)) ? [`${entity}.made`] : [],
    )
    const got = typesOf(await read((clients as unknown as Record<Role, Client>)[role]))
    assert.deepEqual(got.sort(), expected.sort())
  })
}

test('owners see changes of their own properties only, as long as they own them', async () => {
  const [lake, forest] = [castProperties.lake.id, castProperties.forest.id]
  const in_lake = await book(lake)
  const in_forest = await book(forest)
  await book(castProperties.town.id)
  const entitiesOf = async (client: Client) => (await read(client)).map(({ entity_id }) => entity_id)
  assert.deepEqual(await entitiesOf(owner), [in_lake])
  assert.deepEqual(await entitiesOf(otherOwner), [in_forest])
  must(200, await admin.patch(`properties/${lake}`, { owner_id: players.otherOwner.user_id }))
  assert.deepEqual(await entitiesOf(owner), [])
  assert.deepEqual(await entitiesOf(otherOwner), [in_lake, in_forest, lake])
})

test('a booking that moves to the property of another owner is a change for both', async () => {
  const [lake, forest] = [castProperties.lake.id, castProperties.forest.id]
  const id = await book(lake)
  must(200, await manager.patch(`bookings/${id}`, { property_id: forest }))
  const propertiesOf = async (client: Client) =>
    (await read(client)).map((change) => [change.type, change.property_id, change.former_property_id])
  assert.deepEqual(await propertiesOf(owner), [
    ['booking.created', lake, null],
    ['booking.updated', null, lake],
  ])
  assert.deepEqual(await propertiesOf(otherOwner), [['booking.updated', forest, null]])
  assert.deepEqual((await propertiesOf(staff)).at(-1), ['booking.updated', forest, lake])
})

test('a page looks at a bounded number of changes, and continues where it stopped', async () => {
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
     select $1, gen_random_uuid(), 'operator', 'guest.made', 'guest', gen_random_uuid() from generate_series(1, 5100)`,
    [north],
  )
  await seal()
  const id = await book(castProperties.lake.id)
  await seal()
  const first = must(200, await accountant.get('changes')).body
  assert.deepEqual(first, { items: [], next_cursor: '5000' })
  const second = must(200, await accountant.get(`changes?after=${first.next_cursor}`)).body
  assert.deepEqual(
    [second.items.map((item: Record<string, unknown>) => item.entity_id), second.next_cursor],
    [[id], null],
  )
  assert.deepEqual(must(200, await owner.get('changes')).body, first)
})

test('a position that is no number is refused', async () => {
  for (const after of ['-1', '1.5', 'x', '1000000000000000']) {
    const { status, body } = await manager.get(`changes?after=${after}`)
    assert.deepEqual([status, body.error.details[0].pointer], [422, '/query/after'], after)
  }
  const headers = { accept: 'text/event-stream', 'last-event-id': 'x' }
  const { status, body } = await manager.get('changes', headers)
  assert.deepEqual([status, body.error.details[0].pointer], [422, '/header/last-event-id'])
})
