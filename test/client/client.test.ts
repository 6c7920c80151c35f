// A client with generated types works against a real server. tsc checks the types, this test the behaviour.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import createClient from 'openapi-fetch'
import type { components, paths } from '../../web/src/api/openapi.gen.ts'
import { castProperties, password, players } from '../cast.ts'
import { cast } from '../harness.ts'

const { app } = await cast()
await app.listen({ port: 0, host: '127.0.0.1' })
const baseUrl = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
const client = createClient<paths>({ baseUrl })

async function signIn(): Promise<void> {
  const { data } = await client.POST('/api/v1/auth/login', { body: { email: players.manager.email, password } })
  assert.ok(data)
  client.use({
    onRequest: ({ request }) => {
      request.headers.set('authorization', `Bearer ${data.access_token}`)
    },
  })
}

test('a program with a generated client signs in, lists, books, updates and cancels', async () => {
  await signIn()
  const properties = await client.GET('/api/v1/properties', { params: { query: { limit: 2, is_active: true } } })
  assert.equal(properties.data?.items.length, 2)
  const stay = { property_id: castProperties.lake.id, check_in: '2032-05-01', check_out: '2032-05-04', num_adults: 2 }
  const header = { 'Idempotency-Key': 'client-1' }
  const first = await client.POST('/api/v1/bookings', { params: { header }, body: stay })
  const again = await client.POST('/api/v1/bookings', { params: { header }, body: stay })
  const booking: components['schemas']['Booking'] | undefined = first.data
  assert.ok(booking)
  assert.deepEqual([again.data, again.response.headers.get('idempotency-replayed')], [booking, 'true'])
  assert.equal(first.response.headers.get('location'), `/api/v1/bookings/${booking.id}`)

  const path = { id: booking.id }
  const read = await client.GET('/api/v1/bookings/{id}', { params: { path } })
  const tag = String(read.response.headers.get('etag'))
  const known = await client.GET('/api/v1/bookings/{id}', { params: { path, header: { 'If-None-Match': tag } } })
  assert.equal(known.response.status, 304)
  const versioned = { params: { path, header: { 'If-Match': tag } }, body: { num_adults: 1 } }
  const updated = await client.PATCH('/api/v1/bookings/{id}', versioned)
  assert.equal(updated.data?.num_adults, 1)
  const stale = await client.PATCH('/api/v1/bookings/{id}', versioned)
  const code: components['schemas']['ErrorCode'] | undefined = stale.error?.error.code
  assert.deepEqual([stale.response.status, code], [412, 'VERSION_MISMATCH'])
  const cancelled = await client.POST('/api/v1/bookings/{id}/cancellation', {
    params: { path },
    body: { cancelled_by: 'guest' },
  })
  assert.equal(cancelled.data?.status, 'cancelled')
})

test('requests that differ from the document do not compile', async () => {
  const reply = await client.POST('/api/v1/guests', {
    // @ts-expect-error last_name is missing
    body: { first_name: 'Ada' },
  })
  assert.equal(reply.error?.error.details?.[0]?.pointer, '/last_name')
  const { data } = await client.GET('/api/v1/bookings')
  // @ts-expect-error a booking has no such member
  assert.equal(data?.items[0]?.colour, undefined)
  // @ts-expect-error the document has no such path
  assert.equal((await client.GET('/api/v1/castles')).response.status, 404)
})
