// For every role: a list has the same fields and values of a record as the read of that record.
// One engine is enough: the responses do not depend on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listRolesWith, type Permission, roles } from '../../src/core/auth/permissions.ts'
import { castProperties } from '../cast.ts'
import { cast } from '../harness.ts'
import { sampleContextOf, sampleOf } from '../samples.ts'
import { insertConflict, must, photoInsert } from '../steps.ts'

const fixture = await cast()
const { admin, app } = fixture
const context = sampleContextOf(fixture)

const gets = app.declaredRoutes.filter(({ method, can }) => method === 'GET' && can !== undefined)
const lists = gets.filter(({ url }) => gets.some((one) => one.url === `${url}/:id`))
const pathOf = (url: string) => url.replace('/api/v1/', '')

// A record in each list, also for the owner of the lake house.
for (const { url } of lists) {
  if (url === '/api/v1/conflicts') {
    await insertConflict(fixture.store, castProperties.lake)
    continue
  }
  if (url === '/api/v1/photos') {
    await fixture.store.owner.query(photoInsert(castProperties.lake))
    continue
  }
  const operation = `POST /${pathOf(url)}`
  const { path, body } = await sampleOf(operation).request(context)
  must(201, await admin.post(path, body))
  if (url === '/api/v1/me/views') {
    for (const role of roles.slice(1)) must(201, await fixture[role].post(path, body))
    continue
  }
  if (body !== undefined && 'property_id' in body) {
    must(201, await admin.post(path, { ...body, property_id: castProperties.lake.id }))
  }
}
const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com', phone: '+43 1 7654321' }
await context.make('POST /bookings', { property_id: castProperties.lake.id, guest })

/** What takes another query, so that lists do not have it. */
const onlyInRecord: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/guests': ['num_stays', 'first_check_in', 'last_check_out'],
}

test('the lists with a route for a single record are compared', () => {
  assert.ok(lists.length >= 6)
})

for (const { url, can } of lists) {
  for (const role of listRolesWith(can as Permission)) {
    test(`${url} shows a record to ${role} like the read of the record`, async () => {
      const { items } = must(200, await fixture[role].get(`${pathOf(url)}?limit=100`)).body
      assert.ok(items.length > 0)
      for (const item of items) {
        const record = must(200, await fixture[role].get(`${pathOf(url)}/${item.id}`)).body
        for (const name of onlyInRecord[url] ?? []) delete record[name]
        assert.deepEqual(record, item)
      }
    })
  }
}
