// Every route x every role, from the permission table: no new route can dodge it, because it walks the app itself.
// One engine is enough: a role is judged before the database is asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { permissions, type Role, roles, rolesWith } from '../../src/core/auth/permissions.ts'
import { type Client, cast } from '../harness.ts'

const stage = await cast()
const routes = stage.app.declaredRoutes
const guarded = routes.filter(({ is_open }) => !is_open)
const missing = '00000000-0000-7000-8000-00000000dead'
const clients: Record<Role, Client> = stage

/** The call itself, with a body that no schema accepts: whoever may call gets told so, everybody else does not. */
function call(client: Client, { method, url }: { method: string; url: string }) {
  const has_body = method === 'POST' || method === 'PATCH'
  return client.request(
    method as 'GET',
    url.replaceAll(/:[a-z_]+/g, missing),
    has_body ? '{"unknown_field":' : undefined,
    has_body ? { 'content-type': 'application/json' } : {},
  )
}

test('the app has routes to walk, and the open ones are these', () => {
  assert.ok(guarded.length >= 13, `${guarded.length} guarded routes`)
  assert.deepEqual([...new Set(routes.filter(({ is_open }) => is_open).map(({ url }) => url))].sort(), [
    '/api/v1/auth/invitations/accept',
    '/api/v1/auth/invitations/lookup',
    '/api/v1/auth/login',
    '/api/v1/auth/logout',
    '/api/v1/auth/refresh',
    '/health',
    '/health/live',
    '/health/ready',
  ])
})

test('every permission of the table guards a route', () => {
  const used = new Set(guarded.map(({ can }) => can))
  assert.deepEqual(
    Object.keys(permissions).filter((name) => !used.has(name as keyof typeof permissions)),
    [],
  )
})

for (const route of guarded) {
  const name = `${route.method} ${route.url}`
  const allowed = route.can === undefined ? [...roles] : rolesWith(route.can)

  test(`${name} asks who is calling`, async () => {
    const reply = await call(stage.anonymous, route)
    assert.equal(reply.status, 401)
    if (route.method !== 'HEAD') assert.equal(reply.body.error?.code, 'AUTH_REQUIRED')
  })

  test(`${name} refuses an inactive member`, async () => {
    const reply = await call(stage.former, route)
    assert.equal(reply.status, 403)
  })

  for (const role of roles) {
    const may = allowed.includes(role)
    test(`${name} ${may ? 'lets' : 'refuses'} ${role}${may ? ' in' : ' before it looks at the body'}`, async () => {
      const reply = await call(clients[role], route)
      if (may) assert.ok(![401, 403, 500, 503].includes(reply.status), `${reply.status} ${reply.text}`)
      else assert.equal(reply.status, 403, reply.text)
      if (!may && route.method !== 'HEAD') assert.equal(reply.body.error?.code, 'FORBIDDEN')
    })
  }
}
