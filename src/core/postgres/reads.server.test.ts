// Proves that reads have nothing of each other: no connection, no role and claims, no failure, no wait for a slow one.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { north, players, south } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { until } from '../../../test/until.ts'
import type { Actor } from '../auth/permissions.ts'
import { createBreaker } from './breaker.ts'
import { createDatabase, type Database } from './database.ts'
import { openServer, probeServer } from './pools.ts'
import type { SystemTx } from './transaction.ts'

const store = await openTestStore()
const url = store.url ?? ''
const actors: Actor[] = [
  { agency_id: north, role: 'staff', user_id: players.staff.user_id },
  { agency_id: north, role: 'owner', user_id: players.owner.user_id },
  { agency_id: south, role: 'admin', user_id: players.outsider.user_id },
]

function ground(t: TestContext) {
  const pool = openServer({ url, size: 10 })
  const breaker = createBreaker({ probe: () => probeServer(url) })
  const db = createDatabase({ pool, breaker, prepared: true })
  t.after(() => db.close())
  return { pool, db }
}

const lock = 7_260_042

/** Reads that ask for it wait for each other's end, until `open` is called. */
async function gate(t: TestContext): Promise<{ open(): Promise<unknown>; waiting(least: number): Promise<unknown> }> {
  const pool = openServer({ url, size: 1 })
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
  return { open, waiting: (least) => until(async () => (await count()) >= least) }
}

/** How many connections it was that wait at the gate, and are broken now. */
async function killed(): Promise<number> {
  const { rows } = await store.owner.query(
    `select pg_terminate_backend(pid, 1000) from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`,
  )
  return rows.length
}

const pass = (tx: SystemTx) => tx.query(raw(`select pg_advisory_xact_lock(${lock})::text`))
const pid = (tx: SystemTx) => tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`)

const outcome = (read: Promise<unknown>) =>
  read.then(
    () => 'done',
    (error) => error.code as string,
  )

test.after(() => store.close())

test('reads at once have a connection each, whichever agencies they are of', async (t) => {
  const { pool, db } = ground(t)
  const rows = await Promise.all(
    Array.from({ length: 6 }, (_, n) => db.tenantRead(actors[n % actors.length] as Actor, pid)),
  )
  assert.deepEqual([new Set(rows.map((row) => row.pid)).size, pool.totalCount], [6, 6])
})

test('of 280 reads, 40 at once, each has its own role, claims, rows and failure', async (t) => {
  const { db } = ground(t)
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
    // Some ask twice: the second time is a transaction of its own.
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
    'all of them have answered',
  )
})

test('while eight reads of an agency hang, those of another one and of the system are answered', async (t) => {
  const { db } = ground(t)
  const { open, waiting } = await gate(t)
  const [north_staff, , outsider] = actors as [Actor, Actor, Actor]
  const hanging = Array.from({ length: 8 }, () => outcome(db.tenantRead(north_staff, pass)))
  await waiting(8)
  const others = Array.from({ length: 20 }, (_, n) =>
    outcome(n % 2 === 0 ? db.tenantRead(outsider, pid) : db.systemRead(pid)),
  )
  assert.deepEqual(new Set(await Promise.all(others)), new Set(['done']))
  await open()
  assert.deepEqual(await Promise.all(hanging), Array(8).fill('done'))
})

test('one scan of an agency runs at a time: its other reads and scans of other agencies go on beside it', async (t) => {
  const { db } = ground(t)
  const { open, waiting } = await gate(t)
  const [staff, owner, outsider] = actors as [Actor, Actor, Actor]
  const seen: string[] = []
  const scan = (actor: Actor, name: string, work: (tx: SystemTx) => Promise<unknown>) =>
    outcome(db.tenantRead(actor, work, 'scan')).then((told) => seen.push(`${name} ${told}`))
  const first = scan(staff, 'first', pass)
  await waiting(1)
  const second = scan(owner, 'second', pid)
  assert.equal(await outcome(db.tenantRead(owner, pid)), 'done')
  await scan(outsider, 'another agency', pid)
  assert.deepEqual(seen, ['another agency done'])
  await open()
  await Promise.all([first, second])
  assert.deepEqual(seen, ['another agency done', 'first done', 'second done'])
})

test('a read whose connection breaks is read again', async (t) => {
  const { pool, db } = ground(t)
  const { open, waiting } = await gate(t)
  const told = outcome(db.systemRead(pass))
  await waiting(1)
  assert.equal(await killed(), 1, 'the fault fired')
  await open()
  assert.equal(await told, 'done')
  await until(() => pool.totalCount === pool.idleCount)
})

test('a read whose connection breaks three times is told', async (t) => {
  const { db } = ground(t)
  const { waiting } = await gate(t)
  const told = outcome(db.systemRead(pass))
  for (let n = 0; n < 3; n += 1) {
    await waiting(1)
    assert.equal(await killed(), 1, 'the fault fired')
  }
  assert.equal(await told, 'DB_UNAVAILABLE')
  assert.equal(await outcome(db.systemRead(pid)), 'done')
})

test('where there is no server every read is told', async (t) => {
  const pool = openServer({ url: 'postgres://roost@127.0.0.1:9/roost', size: 10 })
  const never = { isOpen: () => false, succeeded() {}, failed() {}, suspected() {}, stop() {} }
  const db: Database = createDatabase({ pool, breaker: never, prepared: true })
  t.after(() => db.close())
  const reads = Array.from({ length: 20 }, () => outcome(db.systemRead(pid)))
  assert.deepEqual(new Set(await Promise.all(reads)), new Set(['DB_UNAVAILABLE']))
})
