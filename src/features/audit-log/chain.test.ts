// The chain finds what was done to the log behind the service's back, and names the row. Nothing done: nothing found.
// One log for the whole file: each test puts back what it has changed.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { until } from '../../../test/until.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { beginning, type Finding, holdsHead, unsealed, walkOn } from './chain.ts'

const { admin, outsider, store } = await cast()

interface Row {
  readonly seq: number
  readonly id: string
}
const rows: Row[] = []

/** Whoever has a transaction open on the same server, in whatever database, holds up what is newer. */
async function sealAll(): Promise<void> {
  let sealed = 0
  await until(async () => {
    sealed += await sealAudit(store.db)
    return sealed >= 7
  })
  assert.equal(sealed, 7)
}

before(async () => {
  for (let i = 0; i < 6; i++) await admin.patch(`properties/${castProperties.town.id}`, { city: `Town ${i}` })
  await outsider.patch(`properties/${castProperties.beach.id}`, { city: 'Beach' })
  await sealAll()
  const found = await store.owner.query(
    'select seq::int, audit_id as id from audit_seals where agency_id = $1 order by seq',
    [north],
  )
  rows.push(...(found.rows as unknown as Row[]))
})

async function findings(): Promise<readonly Finding[]> {
  const actor = operatorOf(north)
  const walk = await store.db.tenantRead(actor, (tx) => walkOn(tx, beginning))
  return [...(walk?.findings ?? []), ...(await store.db.tenantRead(actor, unsealed))]
}

/** Does something to the log as the schema's owner, looks, and puts everything back. */
async function after(...texts: string[]): Promise<readonly Finding[]> {
  const { owner } = store
  await owner.query(
    'create table kept_log as select * from audit_log; create table kept_seals as select * from audit_seals',
  )
  for (const text of texts) await owner.query(text)
  const found = await findings()
  await owner.query('delete from audit_log; delete from audit_seals')
  await owner.query('insert into audit_log select * from kept_log; insert into audit_seals select * from kept_seals')
  await owner.query('drop table kept_log; drop table kept_seals')
  return found
}

const brief = (found: readonly Finding[]) => found.map(({ kind, audit_id, seq }) => [kind, audit_id, seq])
const row = (seq: number) => rows[seq - 1] ?? assert.fail()

test('a log nobody touched has no findings, and each agency a chain of its own', async () => {
  assert.deepEqual(await findings(), [])
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6],
  )
  assert.equal(await sealAudit(store.db), 0, 'nothing is sealed twice')
})

for (const [what, change] of Object.entries({
  'what was before': `before = '{"city": "Elsewhere"}'`,
  'what came after': `after = after || '{"city": "Elsewhere"}'`,
  'who did it': 'actor_id = null',
  'their role': "actor_role = 'operator'",
  'the time': "created_at = created_at - interval '1 s'",
  'the record': 'entity_id = gen_random_uuid()',
  'the action': "action = 'property.deleted'",
})) {
  test(`${what} changed: the row is named`, async () => {
    const { id, seq } = row(3)
    assert.deepEqual(brief(await after(`update audit_log set ${change} where id = '${id}'`)), [['changed', id, seq]])
  })
}

test('a row taken away is named, and so is one whose seal went with it', async () => {
  const { id, seq } = row(4)
  const remove = `delete from audit_log where id = '${id}'`
  assert.deepEqual(brief(await after(remove)), [['missing', id, seq]])
  const found = await after(remove, `delete from audit_seals where audit_id = '${id}'`)
  assert.deepEqual(brief(found), [['missing', row(5).id, 5]])
  assert.match(found[0]?.message ?? '', /seals 4 to 4 before it are gone/)
})

test('a row put in by hand has no seal, and a seal made for it breaks the chain', async () => {
  const forged = `insert into audit_log select agency_id, gen_random_uuid(), created_at - interval '1 hour', request_id, actor_id,
    actor_role, action, entity_type, entity_id, before, after from audit_log where id = '${row(2).id}'`
  const found = await after(forged)
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['unsealed'],
  )
})

test('seals that changed places, or were written anew, break the chain where they stand', async () => {
  const swapped = await after(
    `update audit_seals set seq = seq + 100 where agency_id = '${north}' and seq in (2, 3)`,
    `update audit_seals set seq = case seq when 102 then 3 else 2 end where agency_id = '${north}' and seq > 100`,
  )
  assert.deepEqual([...new Set(swapped.map(({ kind, seq }) => `${kind} ${seq}`))], ['broken 2', 'broken 3', 'broken 4'])
  const rewritten = await after(
    `update audit_log set after = '{}' where id = '${row(3).id}'`,
    `update audit_seals s set row_hash = sha256(convert_to(app.audit_text(a), 'UTF8')) from audit_log a
     where a.id = s.audit_id and s.audit_id = '${row(3).id}'`,
  )
  assert.deepEqual(brief(rewritten), [['broken', row(3).id, 3]])
})

test('a row whose seal was cut from the end of the chain is named once it is a minute old', async () => {
  const { id } = row(6)
  const found = await after(
    `delete from audit_seals where audit_id = '${id}'`,
    `update audit_log set created_at = created_at - interval '1 hour' where id = '${id}'`,
  )
  assert.deepEqual(brief(found), [['unsealed', id, null]])
})

test('a chain written anew as a whole is told by a hash that was noted before', async () => {
  const { rows: heads } = await store.owner.query(
    'select chain_hash from audit_seals where agency_id = $1 order by seq desc limit 1',
    [north],
  )
  const noted = heads[0]?.chain_hash as Buffer
  const isHeld = () => store.db.tenantRead(operatorOf(north), (tx) => holdsHead(tx, noted))
  assert.equal(await isHeld(), true)
  await store.owner.query(`update audit_log set after = '{}' where id = '${row(1).id}'`)
  await store.owner.query('delete from audit_seals')
  await store.owner.query("update app.audit_sealing set sealed_below = '0'")
  await sealAll()
  assert.deepEqual(await findings(), [], 'the new chain fits in itself')
  assert.equal(await isHeld(), false)
})
