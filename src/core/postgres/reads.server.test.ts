// Concurrent reads are independent: connection, role, claims, failures and waits.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { north, players, south } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { until } from '../../../test/until.ts'
import type { Actor } from '../auth/actors.ts'
import { createBreaker } from './breaker.ts'
import { createDatabase, type Database } from './database.ts'
import { openServerPool, probeServer } from './pools.ts'
import type { SystemTx } from './transaction.ts'

const store = await openTestStore()
const url = store.url ?? ''
const actors: Actor[] = [
  { agency_id: north, role: 'staff', id: players.staff.user_id, kind: 'person' },
  { agency_id: north, role: 'owner', id: players.owner.user_id, kind: 'person' },
  { agency_id: south, role: 'admin', id: players.outsider.user_id, kind: 'person' },
]

function createFixture(t: TestContext) {
  const pool = openServerPool({ url, size: 10 })
  const breaker = createBreaker({ probe: () => probeServer(url) })
  const db = createDatabase({ pool, breaker, prepared: true })
  t.after(() => db.close())
  return { pool, db }
}

const lock = 7_260_042

/** An advisory lock on which reads wait until `open` is called. */
async function holdLock(t: TestContext): Promise<{ open(): Promise<unknown>; waiting(min: number): Promise<unknown> }> {
  const pool = openServerPool({ url, size: 1 })
  const count = async () => {
    const { rows } = await pool.query(
      `select count(*)::int as n from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`,
    )
    return rows[0]?.n as number
  }
  let is_open = false
  const open = async () => {
    if (!is_open) await pool.query(`select pg_advisory_unlock(${lock})`)
    is_open = true
  }
  t.after(async () => {
    await open()
    await pool.end()
  })
  await pool.query(`select pg_advisory_lock(${lock})`)
  return { open, waiting: (min) => until(async () => (await count()) >= min) }
}

/** Terminates the connections that wait for the lock. Returns their number. */
async function terminateWaiting(): Promise<number> {
  const { rows } = await store.owner.query(
    `select pg_terminate_backend(pid, 1000) from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`,
  )
  return rows.length
}

const acquireLock = (tx: SystemTx) => tx.query(raw(`select pg_advisory_xact_lock(${lock})::text`))
const pid = (tx: SystemTx) => tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`)

const outcome = (read: Promise<unknown>) =>
  read.then(
    () => 'done',
    (error) => error.code as string,
  )

test.after(() => store.close())

test('concurrent reads use separate connections, whichever agencies they are of', async (t) => {
  const { pool, db } = createFixture(t)
  const rows = await Promise.all([0, 1, 2, 2].map((n) => db.tenantRead(actors[n] as Actor, pid)))
  assert.deepEqual([new Set(rows.map((row) => row.pid)).size, pool.totalCount], [4, 4])
})

test('each of 280 reads, 40 at once, has its own role, claims, rows and failure', async (t) => {
  const { db } = createFixture(t)
  const seen = sql`
    select current_user::text as role, current_setting('request.jwt.claims') as claims,
      (select array_agg(distinct p.agency_id::text) from properties p) as agencies`
  const alone = await Promise.all(actors.map((actor) => store.db.tenantTx(actor, (tx) => tx.one(seen))))
  const read = async (n: number) => {
    const actor = actors[n % actors.length] as Actor
    const own = alone[n % actors.length]
    if (n % 7 === 0) {
      assert.equal(
        await db.systemRead((tx) => tx.query(raw(`select 1 / 0 as n${n}`))).catch((e) => e.code),
        'VALIDATION_ERROR',
      )
      return 'failed'
    }
    if (n % 5 === 0) {
      const { role, claims } = await db.systemRead((tx) =>
        tx.one<{ role: string; claims: string }>(
          sql`select current_user::text as role, current_setting('request.jwt.claims') as claims`,
        ),
      )
      assert.deepEqual([role, claims], ['roost_system', ''])
      return 'system'
    }
    // Some read twice; the second read is a separate transaction.
    const rows = await db.tenantRead(actor, async (tx) => [await tx.one(seen), n % 2 === 0 ? await tx.one(seen) : own])
    assert.deepEqual(rows, [own, own])
    return 'tenant'
  }
  const done: string[] = []
  for (let first = 0; first < 280; first += 40)
    done.push(...(await Promise.all(Array.from({ length: 40 }, (_, n) => read(first + n)))))
  const kinds = Object.groupBy(done, (kind) => kind)
  assert.deepEqual(
    [kinds.failed?.length, kinds.system?.length, kinds.tenant?.length],
    [40, 48, 192],
    'all reads have ended',
  )
})

test('eight blocked reads of an agency do not block those of another one and of the system', async (t) => {
  const { db } = createFixture(t)
  const { open, waiting } = await holdLock(t)
  const [north_staff, , outsider] = actors as [Actor, Actor, Actor]
  const hanging = Array.from({ length: 8 }, () => outcome(db.tenantRead(north_staff, acquireLock)))
  await waiting(8)
  const others = Array.from({ length: 20 }, (_, n) =>
    outcome(n % 2 === 0 ? db.tenantRead(outsider, pid) : db.systemRead(pid)),
  )
  assert.deepEqual(new Set(await Promise.all(others)), new Set(['done']))
  await open()
  assert.deepEqual(await Promise.all(hanging), Array(8).fill('done'))
})

test('one scan of an agency runs at a time; its reads and scans of other agencies do not wait', async (t) => {
  const { db } = createFixture(t)
  const { open, waiting } = await holdLock(t)
  const [staff, owner, outsider] = actors as [Actor, Actor, Actor]
  const seen: string[] = []
  const scan = (actor: Actor, name: string, work: (tx: SystemTx) => Promise<unknown>) =>
    outcome(db.tenantRead(actor, work, 'scan')).then((result) => seen.push(`${name} ${result}`))
  const first = scan(staff, 'first', acquireLock)
  await waiting(1)
  const second = scan(owner, 'second', pid)
  assert.equal(await outcome(db.tenantRead(owner, pid)), 'done')
  await scan(outsider, 'another agency', pid)
  assert.deepEqual(seen, ['another agency done'])
  await open()
  await Promise.all([first, second])
  assert.deepEqual(seen, ['another agency done', 'first done', 'second done'])
})

test('a read is retried when its connection fails', async (t) => {
  const { pool, db } = createFixture(t)
  const { open, waiting } = await holdLock(t)
  const result = outcome(db.systemRead(acquireLock))
  await waiting(1)
  assert.equal(await terminateWaiting(), 1, 'a connection was terminated')
  await open()
  assert.equal(await result, 'done')
  await until(() => pool.totalCount === pool.idleCount)
})

test('a read whose connection fails three times answers DB_UNAVAILABLE', async (t) => {
  const { db } = createFixture(t)
  const { waiting } = await holdLock(t)
  const result = outcome(db.systemRead(acquireLock))
  for (let n = 0; n < 3; n += 1) {
    await waiting(1)
    assert.equal(await terminateWaiting(), 1, 'a connection was terminated')
  }
  assert.equal(await result, 'DB_UNAVAILABLE')
  assert.equal(await outcome(db.systemRead(pid)), 'done')
})

test('reads answer DB_UNAVAILABLE when there is no server', async (t) => {
  const pool = openServerPool({ url: 'postgres://roost@127.0.0.1:9/roost', size: 10 })
  const closed_breaker = {
    isOpen: () => false,
    recordSuccess() {},
    recordFailure() {},
    recordSaturation() {},
    stop() {},
  }
  const db: Database = createDatabase({ pool, breaker: closed_breaker, prepared: true })
  t.after(() => db.close())
  const reads = Array.from({ length: 20 }, () => outcome(db.systemRead(pid)))
  assert.deepEqual(new Set(await Promise.all(reads)), new Set(['DB_UNAVAILABLE']))
})
