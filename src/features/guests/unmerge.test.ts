// Undoing the merge of two guests: what goes back, and when it is too late.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()

let people = 0
async function newGuest(more: object = {}): Promise<Reply['body']> {
  people += 1
  const guest = { first_name: 'Ada', last_name: `Lovelace ${people}`, email: `ada${people}@example.com`, ...more }
  return must(201, await staff.post('guests', guest)).body
}
async function book(guest_id: string, check_in = '2020-05-10'): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(await newProperty(manager), check_in, 1, { guest_id }))).body
}
const merge = async (id: string, guest_id: string) => must(200, await staff.post(`guests/${id}/merge`, { guest_id }))
const unmerge = (id: string, headers?: Record<string, string>) => staff.post(`guests/${id}/unmerge`, undefined, headers)
const read = async (path: string) => must(200, await staff.get(path)).body
const withoutVersion = ({ version: _, updated_at: __, ...rest }: Reply['body']) => rest

test('undoing a merge restores both guests and their bookings, with an entry for each', async () => {
  const [kept, merged] = [await newGuest({ email: undefined }), await newGuest({ phone: '+4312345678' })]
  const [mine, moved] = [await book(kept.id), await book(merged.id, '2021-05-10')]
  const before = [await read(`guests/${kept.id}`), await read(`guests/${merged.id}`)].map(withoutVersion)
  await merge(kept.id, merged.id)
  const later = await book(merged.id, '2022-05-10')
  must(204, await manager.delete(`bookings/${later.id}`))
  const reply = must(200, await unmerge(merged.id.toUpperCase())).body
  assert.deepEqual([reply.guest.id, reply.moved_bookings], [merged.id, 1])
  const after = [await read(`guests/${kept.id}`), await read(`guests/${merged.id}`)].map(withoutVersion)
  assert.deepEqual(after, before)
  assert.deepEqual((await read(`bookings/${moved.id}`)).guest, moved.guest)
  assert.deepEqual(await read(`bookings/${mine.id}`), mine)
  assert.equal((await read(`guests?email=${merged.email}`)).items[0].id, merged.id)
  const { rows } = await store.owner.query(
    `select entity_id, action, version from audit_log
     where request_id = (select request_id from audit_log where action = 'guest.unmerged') order by id`,
  )
  const versions = await store.owner.query('select id, version from guests where id = any ($1)', [[kept.id, merged.id]])
  const versionOf = (id: string) => versions.rows.find((row) => row.id === id)?.version
  assert.deepEqual(rows, [
    { entity_id: moved.id, action: 'booking.updated', version: 3 },
    { entity_id: kept.id, action: 'guest.updated', version: versionOf(kept.id) },
    { entity_id: merged.id, action: 'guest.unmerged', version: versionOf(merged.id) },
  ])
})

test('a guest with guests merged into it before gets them back', async () => {
  const [first, second, kept] = [await newGuest(), await newGuest(), await newGuest()]
  await merge(second.id, first.id)
  await merge(kept.id, second.id)
  must(200, await unmerge(second.id))
  assert.deepEqual([(await read(`guests/${first.id}`)).id, (await read(`guests/${kept.id}`)).id], [second.id, kept.id])
  assert.equal(codeOf(must(409, await unmerge(first.id))), 'CONFLICT', 'an earlier merge cannot be undone')
})

test('bookings made after the merge stay with the other guest', async () => {
  const [kept, merged] = [await newGuest(), await newGuest()]
  await merge(kept.id, merged.id)
  const { id } = await book(merged.id)
  must(200, await unmerge(merged.id))
  assert.equal((await read(`bookings/${id}`)).guest.id, kept.id)
})

const changes: [name: string, change: (kept: string, moved: string) => Promise<unknown>][] = [
  ['the other guest', async (id) => must(200, await staff.patch(`guests/${id}`, { last_name: 'King' }))],
  ['a moved booking', async (_, id) => must(200, await manager.patch(`bookings/${id}`, { num_pets: 1 }))],
  ['the bookings, one was deleted', async (_, id) => must(204, await manager.delete(`bookings/${id}`))],
  ['the other guest, who was erased', async (id) => must(200, await admin.post(`guests/${id}/anonymisation`))],
]
for (const [name, change] of changes) {
  test(`a merge is not undone after a change of ${name}`, async () => {
    const [kept, merged] = [await newGuest(), await newGuest()]
    const { id } = await book(merged.id)
    await merge(kept.id, merged.id)
    await change(kept.id, id)
    const count = async () => (await store.owner.query('select count(*)::int as n from audit_log')).rows[0]?.n
    const before = await count()
    assert.match(must(409, await unmerge(merged.id)).body.error.message, /has changed since the merge/)
    assert.deepEqual([await count(), (await read(`guests/${merged.id}`)).id], [before, kept.id])
  })
}

test('what is not merged, unknown, foreign or stale is refused, and so are other roles', async () => {
  const [kept, merged] = [await newGuest(), await newGuest()]
  assert.match(must(409, await unmerge(kept.id)).body.error.message, /not merged/)
  await merge(kept.id, merged.id)
  assert.equal(codeOf(must(404, await unmerge('00000000-0000-7000-8000-00000000dead'))), 'GUEST_NOT_FOUND')
  assert.equal(codeOf(must(404, await outsider.post(`guests/${merged.id}/unmerge`))), 'GUEST_NOT_FOUND')
  must(412, await unmerge(merged.id, { 'if-match': '"9-0123456789"' }))
  for (const client of [owner, accountant]) must(403, await client.post(`guests/${merged.id}/unmerge`))
  must(200, await unmerge(merged.id))
  assert.match(must(409, await unmerge(merged.id)).body.error.message, /not merged/)
  await merge(merged.id, kept.id)
})
