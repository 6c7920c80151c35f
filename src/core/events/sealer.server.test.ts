// Sealing on a server: concurrent sealers, open transactions, restored databases.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, south } from '../../../test/cast.ts'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { sealAudit, sealEveryAgency } from './sealer.ts'

async function withDatabase(work: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openTestStore()
  await work(store).finally(() => store.close())
}

/** Inserts so many entries for each of the agencies. */
const insertEntries = (count: number, agencies = [north, south]) =>
  `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
   select a, gen_random_uuid(), 'operator', 'test.made', 'test', gen_random_uuid()
   from unnest('{${agencies.join()}}'::uuid[]) a, generate_series(1, ${count})`

/** What breaks the chains: gaps, wrong hashes, entries without exactly one seal. */
const flaws = `
  with links as (
    select s.*, lag(s.seq, 1, 0) over w as earlier_seq,
      lag(s.chain_hash, 1, decode(repeat('00', 32), 'hex')) over w as earlier_hash, app.audit_text(a) as text
    from audit_seals s join audit_log a on a.agency_id = s.agency_id and a.id = s.audit_id
    window w as (partition by s.agency_id order by s.seq))
  select (select count(*)::int from links where seq <> earlier_seq + 1) as gaps,
    (select count(*)::int from links where chain_hash <> sha256(earlier_hash || row_hash)) as broken,
    (select count(*)::int from links where row_hash <> sha256(convert_to(text, 'UTF8'))) as changed,
    (select count(*)::int from audit_log a where (select count(*) from audit_seals s
      where s.agency_id = a.agency_id and s.audit_id = a.id) <> 1) as unsealed`
const none = { gaps: 0, broken: 0, changed: 0, unsealed: 0 }
const flawsOf = async ({ owner }: TestStore) => (await owner.query(flaws)).rows[0]

test('eight sealers at once beside writers leave unbroken chains without gaps', () =>
  withDatabase(async (store) => {
    const { db, owner } = store
    const writers = Array.from({ length: 40 }, () => owner.query(insertEntries(25)))
    const sealers = Array.from({ length: 8 }, async () => {
      for (let run = 0; run < 5; run += 1) await sealAudit(db)
    })
    await Promise.all([...writers, ...sealers])
    await sealAudit(db)
    assert.deepEqual(await flawsOf(store), none)
  }))

test('an open transaction delays nothing; its entries get later numbers', () =>
  withDatabase(async (store) => {
    const { db, owner } = store
    await sealAudit(db)
    const late = await store.connectOwner()
    try {
      await late.query('begin')
      await late.query(insertEntries(1, [north]))
      await owner.query(insertEntries(3, [north]))
      assert.equal(await sealAudit(db), 3)
      await owner.query(insertEntries(2, [north]))
      assert.equal(await sealAudit(db), 2)
      await late.query('commit')
    } finally {
      await late.release()
    }
    const { rows } = await owner.query('select max(seq)::int as head from audit_seals where agency_id = $1', [north])
    assert.equal(await sealAudit(db), 1)
    const after = await owner.query('select max(seq)::int as head from audit_seals where agency_id = $1', [north])
    assert.equal(after.rows[0]?.head, Number(rows[0]?.head) + 1)
    assert.deepEqual(await flawsOf(store), none)
  }))

test('an agency that is being sealed elsewhere is left out until the next run', () =>
  withDatabase(async (store) => {
    const { db, owner } = store
    await sealAudit(db)
    const other = await store.connectOwner()
    try {
      await other.query('begin')
      await other.query("select pg_advisory_xact_lock(hashtextextended('seal/' || $1, 0))", [north])
      await owner.query(insertEntries(4))
      assert.equal(await sealAudit(db), 4)
      await other.query('commit')
    } finally {
      await other.release()
    }
    assert.equal(await sealAudit(db), 4)
    assert.deepEqual(await flawsOf(store), none)
  }))

test('after a restore with other transaction ids every entry is sealed, and new ones are', () =>
  withDatabase(async (store) => {
    const { db, owner } = store
    await sealAudit(db)
    // As restored from a server that was far ahead.
    await owner.query("update app.audit_sealing set sealed_snapshot = '900000000000:900000000000:'")
    await owner.query(insertEntries(5))
    await owner.query('update audit_log set xact_id = null where id in (select id from audit_log limit 3)')
    assert.equal(await sealAudit(db), 10)
    await owner.query(insertEntries(1))
    assert.equal(await sealAudit(db), 2)
    assert.deepEqual(await flawsOf(store), none)
  }))

test('the nightly run seals entries whose transaction id is older than what is sealed', () =>
  withDatabase(async (store) => {
    const { db, owner } = store
    await sealAudit(db)
    await owner.query(`${insertEntries(3)}; update audit_log set xact_id = '3' where action = 'test.made'`)
    assert.equal(await sealAudit(db), 0)
    assert.equal(await sealEveryAgency(db, () => {}), 6)
    assert.deepEqual(await flawsOf(store), none)
  }))

test('more entries than a batch are sealed in several', () =>
  withDatabase(async (store) => {
    await store.owner.query(insertEntries(6000))
    assert.ok((await sealAudit(store.db)) >= 12_000)
    assert.deepEqual(await flawsOf(store), none)
  }))

for (const [when, statistics] of Object.entries({
  'before the first ANALYZE': 'alter table audit_seals set (autovacuum_enabled = off)',
  // As after an ANALYZE of a few seals, each of another agency.
  'with statistics of a nearly empty table':
    'alter table audit_seals alter column agency_id set (n_distinct = -1), set (autovacuum_enabled = off); analyze audit_seals',
}))
  test(`sealing reads no earlier seals of the agency, ${when}`, () =>
    withDatabase(async ({ db, owner }) => {
      await sealAudit(db)
      await owner.query(statistics)
      for (let round = 0; round < 20; round += 1) {
        await owner.query(insertEntries(100))
        await sealAudit(db)
      }
      await owner.query(insertEntries(50))
      const read = sql`select idx_tup_fetch + 0 * seq_tup_read as n from pg_stat_xact_user_tables where relname = 'audit_seals'`
      const { n, sealed } = await db.systemTx(async (tx) => {
        const before = await tx.one<{ n: number }>(read)
        const made = await tx.query<{ sealed: number }>(sql`select sealed from app.seal_audit(5000)`)
        const after = await tx.one<{ n: number }>(read)
        return { n: after.n - before.n, sealed: made.reduce((sum, row) => sum + row.sealed, 0) }
      })
      assert.equal(sealed, 100)
      // Of each entry at most the last seal of its agency.
      assert.ok(n <= 200, `${n} seals were read`)
    }))
