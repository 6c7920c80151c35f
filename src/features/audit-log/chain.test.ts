// Verification of the audit chain: every manipulation is reported; an intact log has no findings.
// All tests share one log: each test restores what it has changed.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { chain_start, containsHash, type Finding, listUnsealed, verifyNextLinks } from './chain.ts'

const { admin, outsider, store } = await cast()

interface Row {
  readonly seq: number
  readonly id: string
}
const rows: Row[] = []

async function sealAll(): Promise<void> {
  assert.equal(await sealAudit(store.db), 7)
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

async function findings(worker_beat_at: string | null = new Date().toISOString()): Promise<readonly Finding[]> {
  const actor = operatorOf(north)
  const state = await store.db.tenantRead(actor, (tx) => verifyNextLinks(tx, chain_start))
  return [...(state?.findings ?? []), ...(await store.db.tenantRead(actor, (tx) => listUnsealed(tx, worker_beat_at)))]
}

async function after(...texts: string[]): Promise<readonly Finding[]> {
  return whileChanged(texts, findings)
}

/** Changes the log as the schema's owner and restores it after `work`. */
async function whileChanged<T>(texts: readonly string[], work: () => Promise<T>): Promise<T> {
  const { owner } = store
  await owner.query(
    'create table kept_log as select * from audit_log; create table kept_seals as select * from audit_seals',
  )
  for (const text of texts) await owner.query(text)
  const found = await work()
  await owner.query('delete from audit_log; delete from audit_seals')
  await owner.query('insert into audit_log select * from kept_log; insert into audit_seals select * from kept_seals')
  await owner.query('drop table kept_log; drop table kept_seals')
  return found
}

const brief = (found: readonly Finding[]) => found.map(({ kind, audit_id, seq }) => [kind, audit_id, seq])
const row = (seq: number) => rows[seq - 1] ?? assert.fail()

test('an intact log has no findings, and each agency has its own chain', async () => {
  assert.deepEqual(await findings(), [])
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6],
  )
  assert.equal(await sealAudit(store.db), 0, 'no row is sealed twice')
})

for (const [what, change] of Object.entries({
  'the old values': `before = '{"city": "Elsewhere"}'`,
  'the new values': `after = after || '{"city": "Elsewhere"}'`,
  'the actor': 'actor_id = null',
  'the role of the actor': "actor_role = 'operator'",
  'the time': "created_at = created_at - interval '1 s'",
  'the record': 'entity_id = gen_random_uuid()',
  'the action': "action = 'property.deleted'",
})) {
  test(`${what} changed: the row is reported`, async () => {
    const { id, seq } = row(3)
    assert.deepEqual(brief(await after(`update audit_log set ${change} where id = '${id}'`)), [['changed', id, seq]])
  })
}

test('a deleted row is reported, also when its seal was deleted', async () => {
  const { id, seq } = row(4)
  const remove = `delete from audit_log where id = '${id}'`
  assert.deepEqual(brief(await after(remove)), [['missing', id, seq]])
  const found = await after(remove, `delete from audit_seals where audit_id = '${id}'`)
  assert.deepEqual(brief(found), [['missing', row(5).id, 5]])
  assert.match(found[0]?.message ?? '', /seals 4 to 4 before it are missing/)
})

test('an inserted row has no seal, and a forged seal breaks the chain', async () => {
  const forged = `insert into audit_log select agency_id, gen_random_uuid(), created_at - interval '1 hour', request_id, actor_id,
    actor_role, action, entity_type, entity_id, before, after from audit_log where id = '${row(2).id}'`
  const found = await after(forged)
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['unsealed'],
  )
})

test('a row without a seal is no finding before the worker has had a minute to seal it', async () => {
  const { id } = row(6)
  const { rows: found } = await store.owner.query('select created_at from audit_log where id = $1', [id])
  const recorded_at = new Date(found[0]?.created_at as string).getTime()
  const kindsAfter = async (ms: number) =>
    (await findings(new Date(recorded_at + ms).toISOString())).map(({ kind }) => kind)
  await whileChanged([`delete from audit_seals where audit_id = '${id}'`], async () => {
    assert.deepEqual(await findings(null), [], 'no worker has run')
    assert.deepEqual(await kindsAfter(-1000), [])
    assert.deepEqual(await kindsAfter(59_000), [])
    assert.deepEqual(await kindsAfter(61_000), ['unsealed'])
  })
})

test('swapped or rewritten seals break the chain at their position', async () => {
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

test('a row whose seal was cut from the end of the chain is reported after a minute', async () => {
  const { id } = row(6)
  const found = await after(
    `delete from audit_seals where audit_id = '${id}'`,
    `update audit_log set created_at = created_at - interval '1 hour' where id = '${id}'`,
  )
  assert.deepEqual(brief(found), [['unsealed', id, null]])
})

test('a chain that was rewritten completely is detected by an earlier hash', async () => {
  const { rows: heads } = await store.owner.query(
    'select chain_hash from audit_seals where agency_id = $1 order by seq desc limit 1',
    [north],
  )
  const noted = heads[0]?.chain_hash as Buffer
  const isHeld = () => store.db.tenantRead(operatorOf(north), (tx) => containsHash(tx, noted))
  assert.equal(await isHeld(), true)
  await store.owner.query(`update audit_log set after = '{}' where id = '${row(1).id}'`)
  await store.owner.query('delete from audit_seals')
  await store.owner.query('update app.audit_sealing set sealed_snapshot = null')
  await sealAll()
  assert.deepEqual(await findings(), [], 'the new chain is consistent')
  assert.equal(await isHeld(), false)
})
