// Every route with every role, from the permission table. The routes come from the app.
// One engine is enough: roles are checked before the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listRolesWith, permissions, type Role, roles } from '../../src/core/auth/permissions.ts'
import { consolePaths } from '../../src/http/console.ts'
import { type Client, cast } from '../harness.ts'

const fixture = await cast()
const routes = fixture.app.declaredRoutes
const guarded = routes.filter(({ is_open }) => !is_open)
const missing = '00000000-0000-7000-8000-00000000dead'
const clients: Record<Role, Client> = fixture

/** The request, with a body that no schema accepts: a permitted caller gets a validation error, others 401 or 403. */
function call(client: Client, { method, url }: { method: string; url: string }) {
  const has_body = method === 'POST' || method === 'PATCH'
  return client.request(
    method as 'GET',
    url.replaceAll(/:[a-z_]+/g, missing),
    has_body ? '{"unknown_field":' : undefined,
    has_body ? { 'content-type': 'application/json' } : {},
  )
}

test('the routes without authentication are these', () => {
  assert.ok(guarded.length >= 13, `${guarded.length} guarded routes`)
  const open = routes.filter(({ is_open, is_page }) => is_open && !is_page)
  assert.deepEqual([...new Set(open.map(({ url }) => url))].sort(), [
    '/api/v1/auth/email-confirmations',
    '/api/v1/auth/invitations/accept',
    '/api/v1/auth/invitations/lookup',
    '/api/v1/auth/login',
    '/api/v1/auth/logout',
    '/api/v1/auth/password-resets',
    '/api/v1/auth/password-resets/accept',
    '/api/v1/auth/password-resets/lookup',
    '/api/v1/auth/refresh',
    '/health',
    '/health/live',
    '/health/ready',
  ])
})

test('the pages without authentication are those of accounts, of the console, and pictures', () => {
  const pages = new Set(routes.filter(({ is_page }) => is_page).map(({ url }) => url))
  for (const path of ['/email-confirmation', '/invitations', '/password-reset', '/'])
    assert.ok(pages.delete(path), path)
  assert.ok(pages.delete('/media/*'))
  const is_built = pages.delete('/assets/:name')
  const expected = is_built ? consolePaths.flatMap((path) => [path, `${path}/*`]) : []
  assert.deepEqual([...pages].sort(), expected.sort())
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
  const allowed = route.can === undefined ? [...roles] : listRolesWith(route.can)

  test(`${name} requires authentication`, async () => {
    const reply = await call(fixture.anonymous, route)
    assert.equal(reply.status, 401)
    if (route.method !== 'HEAD') assert.equal(reply.body.error?.code, 'AUTH_REQUIRED')
  })

  test(`${name} refuses an inactive member`, async () => {
    const reply = await call(fixture.former, route)
    assert.equal(reply.status, 403)
  })

  for (const role of roles) {
    const may = allowed.includes(role)
    test(`${name} ${may ? 'permits' : 'refuses'} ${role}${may ? '' : ' before validation'}`, async () => {
      const reply = await call(clients[role], route)
      if (may) assert.ok(![401, 403, 500, 503].includes(reply.status), `${reply.status} ${reply.text}`)
      else assert.equal(reply.status, 403, reply.text)
      if (!may && route.method !== 'HEAD') assert.equal(reply.body.error?.code, 'FORBIDDEN')
    })
  }
}
