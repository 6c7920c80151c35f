// The role helpers, the permission table, and the rule that every route declares its access.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify, { type RouteShorthandOptions } from 'fastify'
import { authorize } from '../../http/authorize.ts'
import { ForbiddenError } from '../errors.ts'
import {
  findScope,
  hasRole,
  isRole,
  listPermissions,
  listRolesWith,
  type Permission,
  permissions,
  type Role,
  requireRole,
  roles,
} from './permissions.ts'

const invalidRoles: readonly unknown[] = [
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

/** Copied by hand from tickets P1-01 to P1-03, P1-09 and P1-10: a = all, o = own, f = finance columns. */
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
  ['changes:read', 'a', 'a', 'a', 'o', 'a'],
  ['conflicts:read', 'a', 'a', 'a', 'o', '-'],
  ['features:read', 'a', '-', '-', '-', '-'],
  ['audit:read', 'a', '-', '-', '-', '-'],
  ['ops:read', 'a', '-', '-', '-', '-'],
  ['reports:read', 'a', 'a', '-', 'o', 'a'],
  ['views:write', 'a', 'a', 'a', 'a', 'a'],
  ['imports:write', 'a', '-', '-', '-', '-'],
]
const scopes: Readonly<Record<string, string | undefined>> = { a: 'all', o: 'own', f: 'finance', '-': undefined }

test('there are exactly the five roles', () => {
  assert.deepEqual(roles, ['admin', 'manager', 'staff', 'owner', 'accountant'])
  for (const role of roles) assert.ok(isRole(role), role)
  for (const role of invalidRoles) assert.ok(!isRole(role), JSON.stringify(role))
})

for (const role of roles) {
  test(`hasRole: ${role} has that role and no other`, () => {
    assert.deepEqual(
      roles.filter((asked) => hasRole({ role, is_active: true }, asked)),
      [role],
    )
    assert.ok(hasRole({ role }, role), 'is_active defaults to true')
  })

  test(`hasRole: an inactive ${role} has no role`, () => {
    assert.deepEqual(
      roles.filter((asked) => hasRole({ role, is_active: false }, asked)),
      [],
    )
  })

  test(`requireRole accepts ${role} only where it is listed`, () => {
    const others = roles.filter((other) => other !== role)
    assert.equal(requireRole(role)({ role }), undefined)
    assert.equal(requireRole(...roles)({ role }), undefined)
    assert.throws(() => requireRole(...others)({ role }), ForbiddenError)
    assert.throws(() => requireRole(...roles)({ role, is_active: false }), ForbiddenError)
  })
}

test('an unknown role, no role and no user are refused even where every role is allowed', () => {
  for (const role of invalidRoles) {
    assert.ok(!roles.some((asked) => hasRole({ role }, asked)), JSON.stringify(role))
    assert.throws(() => requireRole(...roles)({ role }), ForbiddenError)
  }
  assert.ok(!roles.some((asked) => hasRole(undefined, asked)))
  assert.ok(!roles.some((asked) => hasRole({}, asked)))
  assert.throws(() => requireRole(...roles)(undefined), ForbiddenError)
  assert.throws(() => requireRole(...roles)({}), ForbiddenError)
})

test('hasRole is false for a role that does not exist', () => {
  for (const asked of invalidRoles) assert.ok(!hasRole({ role: asked }, asked as Role), JSON.stringify(asked))
})

test('a refusal names the roles that are allowed', () => {
  const refused = {
    message: 'Your role does not allow this. Allowed roles: admin, manager.',
    meta: { roles: ['admin', 'manager'] },
  }
  assert.throws(() => requireRole('admin', 'manager')({ role: 'staff' }), refused)
})

test('requireRole without roles refuses everybody', () => {
  for (const role of roles) assert.throws(() => requireRole()({ role }), ForbiddenError)
})

test('the permission table matches the tickets', () => {
  assert.deepEqual(Object.keys(permissions).sort(), rules.map(([permission]) => permission).sort())
  for (const [permission, ...cells] of rules) {
    const expected = cells.map((cell) => scopes[cell])
    assert.deepEqual(
      roles.map((role) => findScope(role, permission)),
      expected,
      permission,
    )
    assert.deepEqual(
      listRolesWith(permission),
      roles.filter((_, at) => expected[at] !== undefined),
      permission,
    )
  }
})

test('listPermissions returns the permissions of a role with their scopes', () => {
  assert.deepEqual(listPermissions('owner'), {
    'properties:read': 'own',
    'bookings:read': 'own',
    'availability:read': 'own',
    'blocks:write': 'own',
    'agency:read': 'all',
    'changes:read': 'own',
    'conflicts:read': 'own',
    'reports:read': 'own',
    'views:write': 'all',
  })
  assert.deepEqual(listPermissions('accountant'), {
    'bookings:read': 'finance',
    'availability:read': 'all',
    'agency:read': 'all',
    'changes:read': 'all',
    'reports:read': 'all',
    'views:write': 'all',
  })
  assert.equal(Object.keys(listPermissions('admin')).length, rules.length)
})

/** Starts a server with one route that has this config. */
async function start(config: object | undefined): Promise<void> {
  const app = fastify()
  authorize(app, {} as Parameters<typeof authorize>[1])
  const options = (config === undefined ? {} : { config }) as RouteShorthandOptions
  app.get('/thing', options, async () => 'ok')
  await app.ready()
  await app.close()
}

test('a server whose routes declare one rule starts', async () => {
  for (const config of [{ open: true }, { signedIn: true }, { can: 'bookings:read' }]) await start(config)
})

test('a route without a rule prevents the start', async () => {
  const without_rule = [
    undefined,
    {},
    { can: undefined },
    { can: '' },
    { open: false },
    { signedIn: false },
    { errors: [] },
  ]
  for (const config of without_rule) {
    await assert.rejects(start(config), /GET \/thing must declare exactly one of can, signedIn or open/)
  }
})

test('a route with two rules prevents the start', async () => {
  const two_rules = [
    { can: 'bookings:read', open: true },
    { can: 'bookings:read', signedIn: true },
    { signedIn: true, open: true },
    { can: 'bookings:read', signedIn: true, open: true },
  ]
  for (const config of two_rules) {
    await assert.rejects(start(config), /GET \/thing must declare exactly one of can, signedIn or open/)
  }
})

test('a route with an unknown permission prevents the start', async () => {
  for (const can of ['bookings:fly', 'Bookings:read', 'bookings', 'toString', 'constructor', '__proto__']) {
    await assert.rejects(start({ can }), new RegExp(`GET /thing names the unknown permission ${can}`))
  }
})
