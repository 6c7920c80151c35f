// Content types of request bodies: JSON without a body, and merge patches.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../test/cast.ts'
import { castPerTest } from '../../test/harness.ts'
import { must } from '../../test/steps.ts'

const { admin, app } = await castPerTest()
const json = { 'content-type': 'application/json' }
const merge = { 'content-type': 'application/merge-patch+json' }

test('an operation that needs no body accepts the content type JSON without one', async () => {
  const guest = must(201, await admin.post('guests', { first_name: 'Ada', last_name: 'Lovelace' })).body.id
  must(200, await admin.request('POST', `guests/${guest}/export`, undefined, json))
  must(200, await admin.request('POST', `guests/${guest}/anonymisation`, undefined, json))
  const { id } = must(201, await admin.post('properties', { name: 'A', property_type: 'house', max_guests: 1 })).body
  must(204, await admin.request('DELETE', `properties/${id}`, undefined, json))
})

test('an operation that needs a body answers MALFORMED_JSON for an empty one', async () => {
  const { body } = must(400, await admin.request('POST', 'guests', undefined, json))
  assert.equal(body.error.code, 'MALFORMED_JSON')
})

test('every PATCH accepts application/merge-patch+json', async () => {
  const lake = `properties/${castProperties.lake.id}`
  must(200, await admin.patch(lake, { city: 'Thun' }))
  const patched = await admin.request('PATCH', lake, '{"city":null,"name":"Lake House"}', merge)
  assert.deepEqual([must(200, patched).body.city, patched.body.name], [null, 'Lake House'])
  for (const { method, url } of app.declaredRoutes.filter((route) => route.method === 'PATCH')) {
    const path = url.replaceAll(/:[a-z_]+/g, castProperties.lake.id)
    const { status, body } = await admin.request('PATCH', path, '{"unknown_field":1}', merge)
    assert.deepEqual([status, body.error.code], [422, 'VALIDATION_ERROR'], `${method} ${url}`)
  }
})

test('other methods refuse a merge patch', async () => {
  const { body } = must(415, await admin.request('POST', 'guests', '{}', merge))
  assert.equal(body.error.code, 'UNSUPPORTED_MEDIA_TYPE')
})
