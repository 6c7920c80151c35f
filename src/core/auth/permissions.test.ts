// Proves the role helpers, the permission table against the tickets' own words, and that a route without a rule does not boot.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify, { type RouteShorthandOptions } from 'fastify'
import { authorize } from '../../http/authorize.ts'
import { ForbiddenError } from '../errors.ts'
import {
  hasRole,
  isRole,
  type Permission,
  permissions,
  permissionsOf,
  type Role,
  requireRole,
  roles,
  rolesWith,
  scopeOf,
} from './permissions.ts'

const strangeRoles: readonly unknown[] = [
  'superadmin',
  'operator',
  '',
  ' admin',
  'Admin',
  'ADMIN',
  'administrator',
  ['admin'],
  { role: 'admin' },
  new String('admin'),
  'constructor',
  0,
  true,
  null,
  undefined,
]

/** What the tickets P1-01 to P1-03 and P1-09, P1-10 say, written down by hand: a = all, o = own, f = finance columns. */
const rules: readonly [
  permission: Permission,
  admin: string,
  manager: string,
  staff: string,
  owner: string,
  acc: string,
][] = [
  ['properties:read', 'a', 'a', 'a', 'o', '-'],
  ['properties:create', 'a', 'a', '-', '-', '-'],
  ['properties:update', 'a', 'a', '-', '-', '-'],
  ['properties:delete', 'a', '-', '-', '-', '-'],
  ['bookings:read', 'a', 'a', 'a', 'o', 'f'],
  ['bookings:create', 'a', 'a', 'a', '-', '-'],
  ['bookings:update', 'a', 'a', '-', '-', '-'],
  ['bookings:delete', 'a', 'a', '-', '-', '-'],
  ['bookings:transition', 'a', 'a', 'a', '-', '-'],
  ['bookings:cancel', 'a', 'a', '-', '-', '-'],
  ['bookings:history', 'a', 'a', '-', '-', '-'],
  ['availability:read', 'a', 'a', 'a', 'o', 'a'],
  ['blocks:write', 'a', 'a', '-', 'o', '-'],
  ['holds:read', 'a', 'a', 'a', '-', '-'],
  ['holds:write', 'a', 'a', 'a', '-', '-'],
  ['guests:read', 'a', 'a', 'a', '-', '-'],
  ['guests:write', 'a', 'a', 'a', '-', '-'],
  ['guests:erase', 'a', '-', '-', '-', '-'],
  ['team:read', 'a', 'a', '-', '-', '-'],
  ['team:write', 'a', '-', '-', '-', '-'],
  ['agency:read', 'a', 'a', 'a', 'a', 'a'],
  ['agency:update', 'a', '-', '-', '-', '-'],
  ['features:read', 'a', '-', '-', '-', '-'],
  ['audit:read', 'a', '-', '-', '-', '-'],
  ['ops:read', 'a', '-', '-', '-', '-'],
]
const scopes: Readonly<Record<string, string | undefined>> = { a: 'all', o: 'own', f: 'finance', '-': undefined }

test('there are exactly the five roles', () => {
  assert.deepEqual(roles, ['admin', 'manager', 'staff', 'owner', 'accountant'])
  for (const role of roles) assert.ok(isRole(role), role)
  for (const strange of strangeRoles) assert.ok(!isRole(strange), JSON.stringify(strange))
})

for (const role of roles) {
  test(`hasRole: ${role} has that role and no other`, () => {
    assert.deepEqual(
      roles.filter((asked) => hasRole({ role, is_active: true }, asked)),
      [role],
    )
    assert.ok(hasRole({ role }, role), 'a membership that does not say is an active one')
  })

  test(`hasRole: an inactive ${role} has no role`, () => {
    assert.deepEqual(
      roles.filter((asked) => hasRole({ role, is_active: false }, asked)),
      [],
    )
  })

  test(`requireRole lets ${role} in where it is listed, alone or among others, and nowhere else`, () => {
    const others = roles.filter((other) => other !== role)
    assert.equal(requireRole(role)({ role }), undefined)
    assert.equal(requireRole(...roles)({ role }), undefined)
    assert.throws(() => requireRole(...others)({ role }), ForbiddenError)
    assert.throws(() => requireRole(...roles)({ role, is_active: false }), ForbiddenError)
  })
}

test('an unknown role, no role and no user are nobody, even where every role may', () => {
  for (const role of strangeRoles) {
    assert.ok(!roles.some((asked) => hasRole({ role }, asked)), JSON.stringify(role))
    assert.throws(() => requireRole(...roles)({ role }), ForbiddenError)
  }
  assert.ok(!roles.some((asked) => hasRole(undefined, asked)))
  assert.ok(!roles.some((asked) => hasRole({}, asked)))
  assert.throws(() => requireRole(...roles)(undefined), ForbiddenError)
  assert.throws(() => requireRole(...roles)({}), ForbiddenError)
})

test('a role that is asked for by a wrong name is held by nobody', () => {
  for (const asked of strangeRoles) assert.ok(!hasRole({ role: asked }, asked as Role), JSON.stringify(asked))
})

test('an empty list lets nobody in', () => {
  for (const role of roles) assert.throws(() => requireRole()({ role }), ForbiddenError)
})

test('the permission table says what the tickets say, and nothing more', () => {
  assert.deepEqual(Object.keys(permissions).sort(), rules.map(([permission]) => permission).sort())
  for (const [permission, ...cells] of rules) {
    const expected = cells.map((cell) => scopes[cell])
    assert.deepEqual(
      roles.map((role) => scopeOf(role, permission)),
      expected,
      permission,
    )
    assert.deepEqual(
      rolesWith(permission),
      roles.filter((_, at) => expected[at] !== undefined),
      permission,
    )
  }
})

test('what a role may do is told with its scope and without what it may not', () => {
  assert.deepEqual(permissionsOf('owner'), {
    'properties:read': 'own',
    'bookings:read': 'own',
    'availability:read': 'own',
    'blocks:write': 'own',
    'agency:read': 'all',
  })
  assert.deepEqual(permissionsOf('accountant'), {
    'bookings:read': 'finance',
    'availability:read': 'all',
    'agency:read': 'all',
  })
  assert.equal(Object.keys(permissionsOf('admin')).length, rules.length)
})

/** Boots a server with one route that has this config. */
async function boot(config: object | undefined): Promise<void> {
  const app = fastify()
  authorize(app, {} as Parameters<typeof authorize>[1])
  const options = (config === undefined ? {} : { config }) as RouteShorthandOptions
  app.get('/thing', options, async () => 'ok')
  await app.ready()
  await app.close()
}

test('a route that declares one rule boots', async () => {
  for (const config of [{ open: true }, { signedIn: true }, { can: 'bookings:read' }]) await boot(config)
})

test('a route that declares no rule does not boot', async () => {
  const silent = [undefined, {}, { can: undefined }, { can: '' }, { open: false }, { signedIn: false }, { errors: [] }]
  for (const config of silent) {
    await assert.rejects(boot(config), /GET \/thing must declare exactly one of can, signedIn or open/)
  }
})

test('a route that declares two rules does not boot', async () => {
  const doubled = [
    { can: 'bookings:read', open: true },
    { can: 'bookings:read', signedIn: true },
    { signedIn: true, open: true },
    { can: 'bookings:read', signedIn: true, open: true },
  ]
  for (const config of doubled) {
    await assert.rejects(boot(config), /GET \/thing must declare exactly one of can, signedIn or open/)
  }
})

test('a route that names an unknown permission does not boot', async () => {
  for (const can of ['bookings:fly', 'Bookings:read', 'bookings', 'toString', 'constructor', '__proto__']) {
    await assert.rejects(boot({ can }), new RegExp(`GET /thing names the unknown permission ${can}`))
  }
})
