// Entries that were sealed before seals had events still verify after the upgrade, and their seals get their events.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { createMigratorFor } from '../../store.ts'
import { chain_start, type Finding, verifyNextLinks } from './chain.ts'

const store = await openTestStore()
after(() => store.close())
const { db, owner } = store
const property_id = castProperties.lake.id

async function findings(): Promise<readonly Finding[]> {
  const state = await db.tenantRead(operatorOf(north), (tx) => verifyNextLinks(tx, chain_start))
  return state?.findings ?? []
}

async function readSeals() {
  const { rows } = await owner.query(
    `select type, entity_type, entity_id, version, property_id from audit_seals where agency_id = $1 order by seq`,
    [north],
  )
  return rows
}

test('the chain of an earlier version verifies after the upgrade, and continues', async () => {
  const migrator = createMigratorFor(store)
  await migrator.down({ to: '20261130190000' })
  await owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id, after)
     values ($1, gen_random_uuid(), 'operator', 'property.created', 'property', $2, '{"name": "Lake House"}')`,
    [north, property_id],
  )
  const { rows } = await owner.query('select app.seal_audit(100, $1) as sealed', [north])
  assert.equal(rows[0]?.sealed, 1)
  await migrator.up()
  assert.deepEqual(await findings(), [])
  const created = { type: 'property.created', entity_type: 'property', entity_id: property_id }
  assert.deepEqual(await readSeals(), [{ ...created, version: null, property_id: null }])

  const event = { action: 'property.updated', entity_type: 'property', entity_id: property_id }
  await db.tenantTx(operatorOf(north), async (tx) => recordAudit(tx, { ...event, version: 2, property_id }))
  assert.equal(await sealAudit(db), 1)
  assert.deepEqual(await findings(), [])
  const updated = { ...created, type: 'property.updated', version: 2, property_id }
  assert.deepEqual(await readSeals(), [{ ...created, version: null, property_id: null }, updated])
})

for (const change of ['version = 3', 'version = null', 'property_id = null', 'former_property_id = property_id']) {
  test(`an entry with another event (${change}) is reported, also with its seal changed alike`, async () => {
    const { id, seq } = (
      await owner.query('select audit_id as id, seq::int from audit_seals where agency_id = $1 order by seq desc', [
        north,
      ])
    ).rows[0] as { id: string; seq: number }
    const messages: unknown[] = []
    await owner.query(
      'create table kept as select * from audit_log; create table kept_seals as select * from audit_seals',
    )
    for (const statement of [
      `update audit_log set ${change} where id = '${id}'`,
      `update audit_seals set ${change} where audit_id = '${id}'`,
    ]) {
      await owner.query(statement)
      messages.push(...(await findings()).map((one) => `${one.kind} ${one.seq} ${one.message}`))
    }
    await owner.query(`delete from audit_log; delete from audit_seals; insert into audit_log select * from kept;
      insert into audit_seals select * from kept_seals; drop table kept; drop table kept_seals`)
    assert.deepEqual(messages, Array(2).fill(`changed ${seq} the row differs from its seal`))
  })
}

test('a seal with another event than its entry is reported', async () => {
  await owner.query(`update audit_seals set type = 'property.deleted' where type = 'property.updated'`)
  assert.deepEqual(
    (await findings()).map(({ kind, seq, message }) => [kind, seq, message]),
    [['changed', 2, 'the event in the seal is not that of the row']],
  )
})
