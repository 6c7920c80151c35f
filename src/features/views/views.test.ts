// Saved views: each person has their own in each agency, with the filters that the list has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, south } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, bothAgencies, store } = await castPerTest()
const pending = { list: 'bookings', name: 'To confirm', filters: { status: 'pending', columns: 'guest,stay' } }

const save = async (client: Client, more: object = {}) =>
  must(201, await client.post('me/views', { ...pending, ...more })).body
const namesOf = async (client: Client, query = '') =>
  must(200, await client.get(`me/views${query}`)).body.items.map(({ name }: { name: string }) => name)

test('a view is saved, listed by name, renamed, given other filters, and deleted', async () => {
  const reply = must(201, await staff.post('me/views', pending))
  const { id, created_at, updated_at: _, version: __, ...rest } = reply.body
  assert.deepEqual(rest, pending)
  assert.equal(reply.headers.location, `/api/v1/me/views/${id}`)
  await save(staff, { name: 'Airbnb', filters: { source: 'airbnb' } })
  await save(staff, { list: 'guests', name: 'Austrians', filters: { country: 'AT' } })
  assert.deepEqual(await namesOf(staff), ['Airbnb', 'To confirm', 'Austrians'])
  assert.deepEqual(await namesOf(staff, '?list=guests'), ['Austrians'])
  const renamed = must(200, await staff.patch(`me/views/${id}`, { name: 'Unconfirmed' })).body
  assert.deepEqual([renamed.name, renamed.filters, renamed.created_at], ['Unconfirmed', pending.filters, created_at])
  const filters = { status: 'pending,inquiry' }
  assert.deepEqual(must(200, await staff.patch(`me/views/${id}`, { filters })).body.filters, filters)
  must(204, await staff.delete(`me/views/${id}`))
  assert.deepEqual(await namesOf(staff), ['Airbnb', 'Austrians'])
})

test('every role has views, and nobody sees, changes or deletes those of others', async () => {
  const clients = { admin, manager, staff, owner, accountant, outsider }
  for (const [role, client] of Object.entries(clients)) await save(client, { name: role })
  const { id } = await save(manager, { name: 'mine' })
  for (const [role, client] of Object.entries(clients)) {
    assert.deepEqual(await namesOf(client), role === 'manager' ? ['manager', 'mine'] : [role])
    if (role === 'manager') continue
    assert.equal(codeOf(must(404, await client.patch(`me/views/${id}`, { name: 'stolen' }))), 'VIEW_NOT_FOUND')
    assert.equal(codeOf(must(404, await client.delete(`me/views/${id}`))), 'VIEW_NOT_FOUND')
  }
  assert.deepEqual(await namesOf(manager), ['manager', 'mine'])
})

test('a person of two agencies has other views in each', async () => {
  const [here, there] = [{ 'x-agency-id': castProperties.lake.agency_id }, { 'x-agency-id': south }]
  must(201, await bothAgencies.post('me/views', pending, here))
  must(201, await bothAgencies.post('me/views', { ...pending, name: 'There' }, there))
  for (const [headers, name] of [
    [here, 'To confirm'],
    [there, 'There'],
  ] as const) {
    const { items } = must(200, await bothAgencies.get('me/views', headers)).body
    assert.deepEqual(
      items.map((view: { name: string }) => view.name),
      [name],
    )
  }
})

test('a name is used once in a list of one person', async () => {
  const { id } = await save(staff, { name: 'Mine' })
  const taken = must(409, await staff.post('me/views', { ...pending, name: ' Mine ' }))
  assert.deepEqual([codeOf(taken), ...findings(taken)], ['CONFLICT', '/name TAKEN'])
  await save(staff, { list: 'guests', name: 'Mine', filters: {} })
  await save(manager, { name: 'Mine' })
  await save(staff, { name: 'Other' })
  assert.deepEqual(findings(must(409, await staff.patch(`me/views/${id}`, { name: 'Other' }))), ['/name TAKEN'])
})

test('a filter that the list does not have is refused, and so is a text that may name a guest', async () => {
  const refused = async (body: object) => findings(must(422, await staff.post('me/views', { ...pending, ...body })))
  assert.deepEqual(await refused({ filters: { country: 'AT' } }), ['/filters/country NOT_ALLOWED'])
  assert.deepEqual(await refused({ filters: { q: 'Lovelace' } }), ['/filters/q NOT_ALLOWED'])
  assert.deepEqual(await refused({ list: 'guests', filters: { q: 'Ada', status: 'pending' } }), [
    '/filters/q NOT_ALLOWED',
    '/filters/status NOT_ALLOWED',
  ])
  assert.deepEqual(await refused({ filters: { unknown: 'x' } }), ['/filters/unknown UNKNOWN_FIELD'])
  const { id } = await save(staff, { list: 'properties', filters: { q: 'Graz' } })
  const patched = must(422, await staff.patch(`me/views/${id}`, { filters: { status: 'pending' } }))
  assert.deepEqual(findings(patched), ['/filters/status NOT_ALLOWED'])
})

test('a person has at most 50 views in an agency, also when requests arrive together', async () => {
  const replies = await Promise.all(
    Array.from({ length: 53 }, (_, n) => staff.post('me/views', { ...pending, name: `View ${n}` })),
  )
  const statuses = replies.map(({ status }) => status)
  assert.deepEqual(
    [statuses.filter((one) => one === 201).length, statuses.filter((one) => one === 409).length],
    [50, 3],
  )
  assert.equal(codeOf(must(409, await staff.post('me/views', pending))), 'CONFLICT')
  await save(manager)
  const { items } = must(200, await staff.get('me/views')).body
  must(204, await staff.delete(`me/views/${items[0].id}`))
  await save(staff)
})

test('a view is not in the audit log', async () => {
  const { id } = await save(staff)
  must(200, await staff.patch(`me/views/${id}`, { name: 'Other' }))
  must(204, await staff.delete(`me/views/${id}`))
  const { rows } = await store.owner.query('select 1 from audit_log where entity_id = $1', [id])
  assert.deepEqual(rows, [])
})
