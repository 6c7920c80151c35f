// The settings of an agency: who reads and changes them, and which values are valid.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, south } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { findings, must } from '../../../test/steps.ts'

const fixture = await cast({ env: { OPS_AGENCY: 'south' } })
const { store } = fixture

test('every member reads the settings of their agency', async () => {
  const { accountant, admin, manager, outsider, owner, staff } = fixture
  for (const client of [admin, manager, staff, owner, accountant]) {
    const { created_at, updated_at, version: _, ...body } = must(200, await client.get('agency')).body
    assert.ok(created_at && updated_at)
    assert.deepEqual(body, {
      id: north,
      slug: 'north',
      name: 'North',
      time_zone: 'Europe/Berlin',
      currency: 'EUR',
      language: null,
      hold_minutes: 15,
      holds_per_user: 5,
      is_ops_agency: false,
    })
  }
  const theirs = must(200, await outsider.get('agency')).body
  assert.deepEqual([theirs.id, theirs.is_ops_agency], [south, true])
})

test('an admin changes settings, with an audit entry, and no other agency changes', async () => {
  const { admin, manager, outsider, north } = await fixture.newAgency()
  const before = must(200, await outsider.get('agency')).body
  const places = { time_zone: 'Europe/Vienna', currency: 'CHF', language: 'de' }
  const patch = { name: 'Nordlicht', ...places, hold_minutes: 30, holds_per_user: 7 }
  const { body } = must(200, await admin.patch('agency', patch))
  for (const [name, value] of Object.entries(patch)) assert.equal(body[name], value)
  must(200, await admin.patch('agency', patch))
  must(403, await manager.patch('agency', { name: 'Mine' }))
  const { rows } = await store.owner.query(
    "select before, after from audit_log where action = 'agency.updated' and entity_id = $1",
    [north],
  )
  const old_places = { time_zone: 'Europe/Berlin', currency: 'EUR', language: null }
  const old = { name: 'North', ...old_places, hold_minutes: 15, holds_per_user: 5 }
  assert.deepEqual(rows, [{ before: old, after: patch }])
  assert.deepEqual(must(200, await outsider.get('agency')).body, before)
  const property = await admin.post('properties', { name: 'New', property_type: 'house', max_guests: 2 })
  assert.equal(must(201, property).body.currency, 'CHF')
})

test('invalid values are refused with a pointer, and nothing changes', async () => {
  const { admin } = await fixture.newAgency()
  const before = must(200, await admin.get('agency')).body
  const cases: [body: object, pointer: string][] = [
    [{ time_zone: 'Europe/Atlantis' }, '/time_zone'],
    [{ time_zone: '+02:00' }, '/time_zone'],
    [{ time_zone: "UTC'; drop table agencies" }, '/time_zone'],
    [{ currency: 'eur' }, '/currency'],
    [{ currency: 'QQQ' }, '/currency'],
    [{ name: '  ' }, '/name'],
    [{ name: 'a\u0000b' }, '/name'],
    [{ name: null }, '/name'],
    [{ hold_minutes: 0 }, '/hold_minutes'],
    [{ hold_minutes: 1441 }, '/hold_minutes'],
    [{ hold_minutes: 1.5 }, '/hold_minutes'],
    [{ holds_per_user: 101 }, '/holds_per_user'],
    [{ holds_per_user: '5' }, '/holds_per_user'],
    [{ slug: 'other' }, '/slug'],
    [{ name: 'Good', hold_minutes: -1 }, '/hold_minutes'],
  ]
  for (const [body, pointer] of cases) {
    const found = findings(must(422, await admin.patch('agency', body), JSON.stringify(body)))
    assert.ok(found.join().startsWith(`${pointer} `), `${JSON.stringify(body)}: ${found}`)
  }
  must(422, await admin.patch('agency', {}))
  assert.deepEqual(must(200, await admin.get('agency')).body, before)
})
