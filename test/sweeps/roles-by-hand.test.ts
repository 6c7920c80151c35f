// Routes of P1-02, P1-03, P1-09 and P1-10 with every role, by a table written by hand.
// rbac.test.ts takes what it expects from the route itself, so it cannot find a route that names the wrong permission.
// One engine is enough: roles are checked before the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Role } from '../../src/core/auth/permissions.ts'
import { castProperties } from '../cast.ts'
import { cast } from '../harness.ts'

const fixture = await cast()
const id = '00000000-0000-7000-8000-00000000dead'
const roles: readonly Role[] = ['admin', 'manager', 'staff', 'owner', 'accountant']

/** A status for each role, in the order of `roles`. 422: permitted, and refused by validation. */
const table: readonly [ticket: string, request: string, ...statuses: number[]][] = [
  ['P1-02', 'GET /api/v1/properties', 200, 200, 200, 200, 403],
  ['P1-02', `GET /api/v1/properties/${castProperties.lake.id}`, 200, 200, 200, 200, 403],
  ['P1-02', `GET /api/v1/properties/${castProperties.town.id}`, 200, 200, 200, 404, 403],
  ['P1-02', 'POST /api/v1/properties', 422, 422, 403, 403, 403],
  ['P1-02', `PATCH /api/v1/properties/${id}`, 422, 422, 403, 403, 403],
  ['P1-02', `DELETE /api/v1/properties/${id}`, 404, 403, 403, 403, 403],
  // Not a file.
  ['P1-02', `POST /api/v1/properties/${id}/photos`, 415, 415, 403, 403, 403],
  ['P1-03', 'GET /api/v1/bookings', 200, 200, 200, 200, 200],
  ['P1-03', 'GET /api/v1/bookings/export', 200, 200, 200, 200, 200],
  ['P1-03', `GET /api/v1/bookings/${id}`, 404, 404, 404, 404, 404],
  ['P1-03', 'POST /api/v1/bookings', 422, 422, 422, 403, 403],
  ['P1-03', `PATCH /api/v1/bookings/${id}`, 422, 422, 403, 403, 403],
  ['P1-03', `DELETE /api/v1/bookings/${id}`, 404, 404, 403, 403, 403],
  ['P1-03', `PATCH /api/v1/bookings/${id}/status`, 422, 422, 422, 403, 403],
  ['P1-03', `POST /api/v1/bookings/${id}/cancellation`, 422, 422, 403, 403, 403],
  ['P1-03', `PATCH /api/v1/bookings/${id}/refund`, 422, 422, 403, 403, 403],
  ['P1-03', `POST /api/v1/bookings/${id}/split`, 422, 422, 403, 403, 403],
  ['P1-03', `GET /api/v1/bookings/${id}/history`, 404, 404, 403, 403, 403],
  ['P1-09', 'GET /ops/current-commit', 200, 403, 403, 403, 403],
  ['P1-10', 'GET /ops/env-sanity', 200, 403, 403, 403, 403],
]

const is_covered = (method: string, url: string) =>
  table.some(([, request]) => request.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ':id') === `${method} ${url}`)

for (const [ticket, request, ...statuses] of table) {
  const [method, path = ''] = request.split(' ') as ['GET' | 'POST' | 'PATCH' | 'DELETE', string]
  test(`${ticket} ${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, (uuid) => uuid.slice(-4))}`, async () => {
    const body = method === 'POST' || method === 'PATCH' ? { unknown_field: 1 } : undefined
    const found: Record<string, number> = {}
    for (const role of roles) found[role] = (await fixture[role].request(method, path, body)).status
    assert.deepEqual(found, Object.fromEntries(roles.map((role, index) => [role, statuses[index]])))
    assert.equal((await fixture.anonymous.request(method, path, body)).status, 401)
    assert.equal((await fixture.former.request(method, path, body)).status, 403, 'an inactive member')
  })
}

test('an owner lists own properties and bookings of these only', async () => {
  const { body } = await fixture.owner.get('properties')
  assert.deepEqual(
    body.items.map((item: { name: string }) => item.name),
    ['Lake House'],
  )
  const stay = { check_in: '2031-03-01', check_out: '2031-03-05', num_adults: 2 }
  for (const { id: property_id } of [castProperties.lake, castProperties.town])
    assert.equal((await fixture.staff.post('bookings', { property_id, ...stay })).status, 201)
  const bookings = (await fixture.owner.get('bookings')).body.items
  assert.deepEqual(
    bookings.map((item: { property_id: string }) => item.property_id),
    [castProperties.lake.id],
  )
})

test('the table has every route of properties and bookings', () => {
  const routes = fixture.app.declaredRoutes.filter(
    ({ method, url }) => method !== 'HEAD' && /^\/api\/v1\/(properties|bookings)(\/|$)/.test(url),
  )
  const missing = routes.filter(({ method, url }) => !is_covered(method, url))
  assert.deepEqual(
    missing.map(({ method, url }) => `${method} ${url}`),
    [],
  )
})
