// Every record has an ETag: GET answers 304 to If-None-Match, a change with a stale If-Match answers 412.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../cast.ts'
import { cast } from '../harness.ts'
import { sampleContextOf, sampleOf } from '../samples.ts'
import { insertConflict, must } from '../steps.ts'
import { checksumOf } from '../two-agencies.ts'

const fixture = await cast()
const { admin, app, store } = fixture
const context = sampleContextOf(fixture)

/** Changes of one record that take no If-Match, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  'DELETE /team/invitations/:id': 'an invitation is never changed, only revoked',
  'POST /guests/:id/export': 'changes nothing',
}

const routes = app.declaredRoutes
  .filter(
    ({ url, can, is_upload }) => can !== undefined && !is_upload && (url.includes('/:id') || url === '/api/v1/agency'),
  )
  .map(({ method, url }) => ({ method, name: `${method} ${url.replace('/api/v1', '')}` }))
const records = routes
  .filter(({ name }) => /^GET .*(:id|agency)$/.test(name))
  .map(({ name }) => name.slice('GET /'.length))
const changes = routes.filter(({ method, name }) => !['GET', 'HEAD'].includes(method) && exceptions[name] === undefined)

/** The path of a record: `holds/:id` with an id. */
async function pathOf(record: string): Promise<string> {
  if (record === 'agency') return record
  if (record === 'photos/:id') return `photos/${await context.photo()}`
  if (record === 'conflicts/:id') return `conflicts/${await insertConflict(store, castProperties.lake)}`
  const id = record === 'team/:id' ? players.staff.user_id : await context.make(`POST /${record.replace('/:id', '')}`)
  return record.replace(':id', id)
}

test('the sweep covers every kind of record', () => {
  const collections = [
    'availability/blocks',
    'bookings',
    'conflicts',
    'guests',
    'holds',
    'me/views',
    'photos',
    'properties',
    'team',
  ]
  assert.deepEqual(records.toSorted(), ['agency', ...collections.map((name) => `${name}/:id`)])
  assert.ok(changes.length >= 17)
})

for (const record of records) {
  test(`GET /${record} has a version and an ETag, and answers 304 to If-None-Match`, async () => {
    const path = await pathOf(record)
    const first = must(200, await admin.get(path))
    assert.match(String(first.headers.etag), new RegExp(`^"${first.body.version}-[\\w-]{10}"$`))
    assert.equal(must(304, await admin.get(path, { 'if-none-match': String(first.headers.etag) })).text, '')
    must(200, await admin.get(path, { 'if-none-match': '"0-0123456789"' }))
  })
}

for (const { name, method } of changes) {
  test(`${name} with a stale If-Match answers 412 and changes nothing`, async () => {
    const { path, body } = await sampleOf(name).request(context)
    const before = await checksumOf(store)
    const stale = { 'if-match': '"9999-0123456789"' }
    const { error } = must(412, await admin.request(method as 'PATCH', path, body, stale)).body
    assert.deepEqual([error.code, typeof error.meta.current_version], ['VERSION_MISMATCH', 'number'])
    assert.equal(await checksumOf(store), before)
  })
}

for (const { name } of changes.filter((route) => /^PATCH .*(:id|agency)$/.test(route.name))) {
  test(`${name} raises the version and answers with the new ETag`, async () => {
    const { path, body } = await sampleOf(name).request(context)
    const before = must(200, await admin.get(path))
    const fresh = { 'if-match': String(before.headers.etag) }
    const changed = must(200, await admin.patch(path, body, fresh))
    assert.equal(changed.body.version, before.body.version + 1)
    assert.equal(must(200, await admin.get(path)).headers.etag, changed.headers.etag)
    must(412, await admin.patch(path, body, fresh))
  })
}
