// Tests `since`: a client that applies the changes has the same calendar as one that reads everything.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { importStay } from '../../../test/import-stay.ts'
import { dayAfter, must, newProperty, rowsOf, stay } from '../../../test/steps.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { expireHolds } from '../holds/expiry.ts'

const { admin, manager, staff, owner, accountant, store } = await castPerTest()
const july = 'from=2032-07-01&to=2032-07-31'

type Row = Record<string, unknown>
/** What a client keeps of each property. */
type Model = Map<string, { readonly property: Row; readonly occupants: Row[]; readonly conflicts: Row[] }>

/** Applies an answer as the documentation says. */
function apply(known: Model, body: Record<string, never>): Model {
  const { is_complete, removed_property_ids, properties, occupants, conflicts } = body as never as Answer
  const model: Model = is_complete ? new Map() : new Map(known)
  for (const id of removed_property_ids) model.delete(id)
  const of = (rows: Row[], index: number) =>
    rows
      .filter(({ property }) => property === index)
      .map(({ property: _, ...row }) => row)
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  rowsOf(properties).forEach((property, index) => {
    const stays = of(rowsOf(occupants), index)
    model.set(String(property.id), { property, occupants: stays, conflicts: of(rowsOf(conflicts ?? {}), index) })
  })
  return model
}

type Columns = Record<string, unknown[]>
interface Answer {
  readonly is_complete: boolean
  readonly position: number
  readonly removed_property_ids: string[]
  readonly properties: Columns
  readonly occupants: Columns
  readonly conflicts?: Columns
}

const read = async (client: Client, query = july) => must(200, await client.get(`calendar?${query}`)).body
const sorted = (model: Model) => [...model].sort(([a], [b]) => a.localeCompare(b))

/** A client that keeps a calendar up to date. `sync` returns the answer, after comparing with a full read. */
async function follow(client: Client, query = july) {
  await sealAudit(store.db)
  const first = await read(client, query)
  assert.equal(first.is_complete, true)
  let model = apply(new Map(), first as never)
  let { position } = first
  return async () => {
    await sealAudit(store.db)
    const answer = await read(client, `${query}&since=${position}`)
    model = apply(model, answer as never)
    position = answer.position
    assert.deepEqual(sorted(model), sorted(apply(new Map(), (await read(client, query)) as never)))
    return answer
  }
}

const book = async (property_id: string, check_in: string, more: object = {}) =>
  must(201, await staff.post('bookings', stay(property_id, check_in, 2, more))).body
const hold = async (property_id: string, check_in: string) => {
  const body = { property_id, check_in, check_out: dayAfter(check_in, 1) }
  return must(201, await staff.post('holds', body)).body
}

test('without a change the answer has no property', async () => {
  const sync = await follow(staff)
  const { is_complete, properties, removed_property_ids } = await sync()
  assert.deepEqual([is_complete, properties.id, removed_property_ids], [false, [], []])
})

for (const role of ['staff', 'accountant'] as const) {
  test(`what ${role} has is complete after each kind of change, with the changed properties only`, async () => {
    const { lake, town, forest } = castProperties
    const sync = await follow({ staff, accountant }[role])
    const after = async (...changed: { id: string }[]) => {
      const { is_complete, properties, removed_property_ids } = await sync()
      assert.equal(is_complete, false)
      assert.deepEqual([...properties.id, ...removed_property_ids].sort(), changed.map(({ id }) => id).sort())
    }
    const guest = { first_name: 'Ada', last_name: 'Lovelace' }
    const booked = await book(lake.id, '2032-07-01', { guest })
    await after(lake)
    must(200, await manager.patch(`bookings/${booked.id}`, { property_id: town.id }))
    await after(lake, town)
    must(200, await staff.patch(`guests/${booked.guest.id}`, { last_name: 'King' }))
    await after(town)
    must(200, await manager.post(`bookings/${booked.id}/cancellation`, { cancelled_by: 'guest' }))
    await after(town)
    const body = { property_id: town.id, start_date: '2032-07-10', end_date: '2032-07-12', reason: 'other' }
    const blocked = must(201, await manager.post('availability/blocks', body)).body
    await book(forest.id, '2032-07-20')
    await after(town, forest)
    must(204, await manager.delete(`availability/blocks/${blocked.id}`))
    must(200, await manager.patch(`properties/${forest.id}`, { name: 'A first name' }))
    await after(town, forest)
    const property = { id: await newProperty(manager) }
    await after(property)
    must(204, await admin.delete(`properties/${property.id}`))
    await after(property)
  })
}

test('a hold that has expired is no longer there, before and after its occupancy is deleted', async () => {
  const { lake, town } = castProperties
  const sync = await follow(accountant)
  const { id } = await hold(lake.id, '2032-07-01')
  assert.deepEqual((await sync()).properties.id, [lake.id])
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [id])
  assert.deepEqual((await sync()).occupants.kind, [])
  await book(town.id, '2032-07-01')
  assert.deepEqual(new Set((await sync()).properties.id), new Set([lake.id, town.id]))
  await expireHolds(store.db)
  assert.deepEqual((await sync()).properties.id, [lake.id])
  assert.deepEqual((await sync()).properties.id, [])
})

test('a change that is not sealed yet is in a later answer', async () => {
  const { lake } = castProperties
  await sealAudit(store.db)
  const { position } = await read(staff)
  await book(lake.id, '2032-07-01')
  const early = await read(staff, `${july}&since=${position}`)
  assert.deepEqual([early.position, early.properties.id], [position, []])
  await sealAudit(store.db)
  assert.deepEqual((await read(staff, `${july}&since=${early.position}`)).properties.id, [lake.id])
})

test('a conflict of a channel is a change of its property', async () => {
  const { lake } = castProperties
  await book(lake.id, '2032-07-01')
  const sync = await follow(staff)
  await importStay(store.db, { agency_id: north, listing: lake.name, dates: ['2032-07-01', '2032-07-03'] })
  const { properties, conflicts } = await sync()
  assert.deepEqual(
    [properties.id, conflicts.external_code, conflicts.guest_name],
    [[lake.id], ['HM1'], ['Ada Lovelace']],
  )
})

test('a property that no longer matches the filters is removed, and one that does again is back', async () => {
  const { lake, forest, town } = castProperties
  const sync = await follow(staff, `${july}&free_from=2032-07-01&free_to=2032-07-03`)
  const booked = await book(lake.id, '2032-07-02')
  await book(town.id, '2032-07-20')
  const taken = await sync()
  assert.deepEqual([taken.removed_property_ids, taken.properties.id], [[lake.id], [town.id]])
  must(204, await manager.delete(`bookings/${booked.id}`))
  must(200, await manager.patch(`properties/${forest.id}`, { max_guests: 3 }))
  assert.deepEqual(new Set((await sync()).properties.id), new Set([lake.id, forest.id]))
})

test('an unknown or old position, and a change of the agency, give a complete answer', async () => {
  await sealAudit(store.db)
  const { position } = await read(staff)
  const is_complete = async (since: number) => (await read(staff, `${july}&since=${since}`)).is_complete
  assert.deepEqual([await is_complete(position), await is_complete(position + 1)], [false, true])
  must(200, await admin.patch('agency', { time_zone: 'Asia/Tokyo' }))
  await sealAudit(store.db)
  assert.equal(await is_complete(position), true)
  assert.equal(await is_complete(position + 1), false)
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id, property_id)
     select $1, gen_random_uuid(), 'operator', 'test.made', 'property', $2, $2 from generate_series(1, 2000) n`,
    [north, castProperties.lake.id],
  )
  await sealAudit(store.db)
  assert.deepEqual([await is_complete(position), await is_complete(position + 1)], [true, false])
})

test('changes of the team and of features leave the calendar as it is', async () => {
  const sync = await follow(staff)
  must(200, await admin.patch(`team/${players.accountant.user_id}`, { is_active: false }))
  const { is_complete, properties } = await sync()
  assert.deepEqual([is_complete, properties.id], [false, []])
})

test('an owner gets everything, also when a property gets another owner', async () => {
  const { lake } = castProperties
  const sync = await follow(owner)
  assert.equal((await sync()).is_complete, true)
  must(200, await manager.patch(`properties/${lake.id}`, { owner_id: players.otherOwner.user_id }))
  const { is_complete, properties, removed_property_ids } = await sync()
  assert.deepEqual([is_complete, properties.id, removed_property_ids], [true, [], []])
})

test('the position is the id of the last change', async () => {
  await book(castProperties.lake.id, '2032-07-01')
  await sealAudit(store.db)
  const { items } = must(200, await admin.get('changes')).body
  assert.equal((await read(staff)).position, items.at(-1).id)
})
