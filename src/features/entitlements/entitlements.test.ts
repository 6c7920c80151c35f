// Optional features: 404 when not in the deployment, 403 when not enabled for the agency.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north } from '../../../test/cast.ts'
import { cast, type FixtureOptions } from '../../../test/harness.ts'
import { ConfigError, parseConfig } from '../../config.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { setFeature } from './entitlements.ts'

const extend: NonNullable<FixtureOptions['extend']> = (app) => {
  app.get('/portal', { config: { can: 'properties:read', feature: 'owner_portal' } }, () => ({ is_open: true }))
}
const fixture = await cast({ extend })
const { admin, manager, accountant, anonymous, outsider, store } = fixture

const entitle = (is_enabled: boolean) =>
  store.db.tenantTx(operatorOf(north), (tx) => setFeature(tx, 'owner_portal', is_enabled))

test('a feature that is not enabled answers 403, after the role was checked', async () => {
  const refused = await admin.get('/portal')
  assert.deepEqual([refused.status, refused.body.error.code], [403, 'FEATURE_DISABLED'])
  assert.equal((await accountant.get('/portal')).body.error.code, 'FORBIDDEN')
  assert.equal((await anonymous.get('/portal')).status, 401)
})

test('a feature enabled for one agency works there at once, and in no other', async () => {
  assert.equal(await entitle(true), true)
  assert.deepEqual((await manager.get('/portal')).body, { is_open: true })
  assert.equal((await outsider.get('/portal')).body.error.code, 'FEATURE_DISABLED')
  assert.equal(await entitle(false), true)
  assert.equal((await manager.get('/portal')).status, 403)
})

test('each change has one audit entry, and a repeated one has none', async () => {
  await entitle(true)
  assert.equal(await entitle(true), false)
  const { body } = await admin.get('audit-log?entity_type=feature&limit=1')
  assert.equal(body.items[0].action, 'feature.enabled')
  assert.deepEqual(body.items[0].before, { feature: 'owner_portal', is_enabled: false })
  assert.deepEqual(body.items[0].after, { feature: 'owner_portal', is_enabled: true })
  assert.equal(body.items[0].actor_role, 'operator')
  await entitle(false)
})

test('a feature that is not in the deployment answers 404 like an unknown path', async (t) => {
  const shared = { ...store, close: async () => {} }
  const without = await cast({ extend, env: { MODULES_ENABLED: 'channel_sync' }, store: shared }, t)
  await entitle(true)
  for (const client of [without.admin, without.anonymous]) {
    const missing = await client.get('/portal')
    assert.deepEqual([missing.status, missing.body.error.code], [404, 'ROUTE_NOT_FOUND'])
  }
  const { body } = await without.admin.get('features')
  const portal = body.items.find((item: { name: string }) => item.name === 'owner_portal')
  assert.deepEqual([portal.is_enabled, portal.is_in_deployment], [true, false])
  await entitle(false)
})

test('admins read the features of their agency; there is no write route', async () => {
  const { body } = await admin.get('features')
  assert.deepEqual(
    body.items.map((item: { name: string }) => item.name),
    ['channel_sync', 'direct_booking', 'owner_portal'],
  )
  assert.equal((await manager.get('features')).status, 403)
  assert.equal((await admin.post('features', { name: 'owner_portal' })).status, 405)
})

test('MODULES_ENABLED accepts known names, * or none, and refuses others at start-up', () => {
  const parse = (MODULES_ENABLED: string) => parseConfig({ MODULES_ENABLED }).modules_enabled
  assert.deepEqual(parse('*'), ['*'])
  assert.deepEqual(parse('none'), [])
  assert.deepEqual(parse('owner_portal, channel_sync'), ['owner_portal', 'channel_sync'])
  assert.throws(
    () => parse('owner_portal,teleport'),
    (error: unknown) => error instanceof ConfigError && /MODULES_ENABLED must be/.test(error.message),
  )
})
