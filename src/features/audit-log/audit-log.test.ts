// The audit log over HTTP: filters, pages, the CSV file, and permissions.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { csvLine } from '../../core/csv.ts'

const { admin, manager, staff, outsider, store } = await castPerTest()

beforeEach(async () => {
  for (let month = 1; month <= 5; month++) {
    const stay = { property_id: castProperties.town.id, check_in: `2031-0${month}-01`, check_out: `2031-0${month}-03` }
    assert.equal((await staff.post('bookings', { ...stay, num_adults: 1 })).status, 201)
  }
  const name = '=HYPERLINK("http://evil.example")'
  assert.equal((await manager.patch(`properties/${castProperties.town.id}`, { name })).status, 200)
})

test('the newest entry comes first, with actor and changes', async () => {
  const { status, body } = await admin.get('audit-log?limit=1')
  assert.equal(status, 200)
  const [entry] = body.items
  assert.equal(entry.action, 'property.updated')
  assert.deepEqual([entry.actor_id, entry.actor_role], [players.manager.user_id, 'manager'])
  assert.equal(entry.actor_name, 'manager')
  assert.equal(entry.before.name, 'Town Flat')
  assert.match(entry.request_id, /^[\w.-]+$/)
})

test('each filter narrows the list, and all of them combine', async () => {
  const { user_id } = players.staff
  const count = async (query: string) => (await admin.get(`audit-log?${query}`)).body.items.length
  assert.equal(await count('action=booking.created'), 5)
  assert.equal(await count('action=booking.'), 5)
  assert.equal(await count('action=booking.cancelled'), 0)
  assert.equal(await count(`entity_type=property&entity_id=${castProperties.town.id}`), 1)
  assert.equal(await count(`actor_id=${user_id}`), 5)
  assert.equal(await count('created_from=2000-01-01T00:00:00Z&created_to=2000-01-02T00:00:00Z'), 0)
  assert.equal(await count(`actor_id=${user_id}&action=booking.created&created_from=2020-01-01T00:00:00Z`), 5)
})

test('pages have every row once, also rows of the same millisecond', async () => {
  const all = (await admin.get('audit-log?limit=100')).body.items.map((item: { id: string }) => item.id)
  await store.owner.query(
    "update audit_log set created_at = date_trunc('second', created_at) + interval '1 microsecond'",
  )
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const { body } = await admin.get(`audit-log?limit=2${cursor && `&cursor=${cursor}`}`)
    seen.push(...body.items.map((item: { id: string }) => item.id))
    if (body.next_cursor === null) break
    cursor = body.next_cursor
  }
  assert.deepEqual(seen.toSorted(), all.toSorted())
})

test('only admins read the log, each of their own agency', async () => {
  for (const client of [manager, staff]) assert.equal((await client.get('audit-log')).status, 403)
  assert.deepEqual((await outsider.get('audit-log')).body.items, [])
})

test('the file has a byte order mark, a header, every row, and no cell that is a formula', async () => {
  const reply = await admin.get('audit-log/export?entity_type=property')
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['content-type'], 'text/csv; charset=utf-8')
  assert.match(String(reply.headers['content-disposition']), /filename="audit-log\.csv"/)
  const [header, row, end] = reply.text.split('\r\n')
  assert.ok(header?.startsWith('\ufeffcreated_at,action,'))
  assert.match(row ?? '', /property\.updated/)
  assert.equal(end, '')
  assert.equal((await admin.get('audit-log/export')).text.trim().split('\r\n').length, 7)
  assert.deepEqual((await outsider.get('audit-log/export')).text.trim().split('\r\n').length, 1)
})

test('a failure before the first byte is a normal error response', async () => {
  const reply = await admin.get('audit-log/export?created_from=yesterday')
  assert.deepEqual([reply.status, reply.body.error.code], [422, 'VALIDATION_ERROR'])
})

test('a line quotes what CSV requires and escapes what looks like a formula', () => {
  assert.equal(csvLine(['a', 1, null, { b: 'c' }]), 'a,1,,"{""b"":""c""}"\r\n')
  assert.equal(csvLine(['=1+1', '+1', '-1', '@x', '\tx', 'a=b']), "'=1+1,'+1,'-1,'@x,'\tx,a=b\r\n")
  assert.equal(csvLine(['a,b', 'line\nbreak', 'say "hi"']), '"a,b","line\nbreak","say ""hi"""\r\n')
})
