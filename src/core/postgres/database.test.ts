// Proves what becomes of connections and callers when statements take too long, all connections are busy, or answers are lost.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type pg from 'pg'
import sql, { raw } from 'sql-template-tag'
import { type EchoOptions, type EchoServer, startEchoServer } from '../../../test/fake-session.ts'
import { until } from '../../../test/until.ts'
import type { Actor } from '../auth/permissions.ts'
import type { Breaker } from './breaker.ts'
import { createDatabase, type Database, type DatabaseOptions } from './database.ts'
import { openServer } from './pools.ts'

const actor: Actor = { agency_id: '0190163d-8694-739b-aea5-966c26f8ad91', role: 'admin', user_id: 'u', request_id: 'r' }
const always: Breaker = {
  isOpen: () => false,
  succeeded: () => {},
  failed: () => {},
  suspected: () => {},
  stop: () => {},
}

interface Ground {
  readonly server: EchoServer
  readonly pool: pg.Pool
  readonly db: Database
}

async function groundOf(t: TestContext, options: EchoOptions & Partial<DatabaseOptions> = {}): Promise<Ground> {
  const { slow_ms, ...more } = options
  const server = await startEchoServer(slow_ms === undefined ? {} : { slow_ms })
  const pool = openServer({ url: server.url, size: 10 })
  const db = createDatabase({ pool, breaker: always, prepared: false, ...more })
  t.after(async () => {
    await db.close()
    await server.close()
  })
  return { server, pool, db }
}

const ask = (db: Database, what: string) => db.systemTx((tx) => tx.one<{ text: string }>(raw(`select '${what}'`)))

/** What each promise came to: 'done', or the code it was refused with. */
async function outcomes(promises: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of await Promise.allSettled(promises)) {
    const outcome = one.status === 'fulfilled' ? 'done' : String(one.reason.code)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

test('a thousand statements that are given up leave the pool whole, and nobody gets the answer of another', async (t) => {
  const { server, pool, db } = await groundOf(t, { slow_ms: 60 })
  // A slow machine may take long to connect.
  Object.assign(pool.options, { query_timeout: 30, connectionTimeoutMillis: 60_000 })
  const given_up: Record<string, number> = {}
  let right = 0
  const sender = async (_: unknown, who: number) => {
    for (let n = 0; n < 100; n += 1) {
      const [code = ''] = Object.keys(await outcomes([ask(db, `slow ${who} ${n}`)]))
      given_up[code] = (given_up[code] ?? 0) + 1
      // On a slow machine this one may be given up as well, and is asked again; an answer it gets must be its own.
      let own: { text: string } | undefined
      while (own === undefined) own = await ask(db, `own ${who} ${n}`).catch(() => undefined)
      assert.equal(own.text, `select 'own ${who} ${n}'`)
      right += 1
    }
  }
  await Promise.all(Array.from({ length: 10 }, sender))
  assert.deepEqual(given_up, { QUERY_TIMEOUT: 1000 })
  assert.equal(right, 1000)
  assert.ok(server.connections() >= 1000, 'a connection that was given up is not used again')
  assert.ok(pool.totalCount <= 10 && pool.waitingCount === 0, `${pool.totalCount} ${pool.waitingCount}`)
  await until(async () => Object.hasOwn(await outcomes([ask(db, 'the last')]), 'done'))
})

test('all ten connections busy: 200 wait a second, the next is refused at once, and all is well afterwards', async (t) => {
  const { pool, db } = await groundOf(t)
  const end = Promise.withResolvers<void>()
  const holding = Array.from({ length: 10 }, () => db.systemTx(() => end.promise))
  await until(() => pool.totalCount === 10 && pool.waitingCount === 0)
  const started = performance.now()
  const waiting = Array.from({ length: 200 }, (_, n) => ask(db, `waits ${n}`))
  const first = await Promise.race([ask(db, 'one too many').catch((error) => error.code), ...waiting])
  assert.equal(first, 'POOL_EXHAUSTED')
  assert.equal(pool.waitingCount, 200, 'and the others still wait')
  assert.deepEqual(await outcomes(waiting), { POOL_EXHAUSTED: 200 }, 'before a connection becomes free')
  assert.ok(performance.now() - started > 950, 'they did wait')
  end.resolve()
  assert.deepEqual(await outcomes(holding), { done: 10 })
  assert.deepEqual(await outcomes(Array.from({ length: 50 }, (_, n) => ask(db, `after ${n}`))), { done: 50 })
  assert.deepEqual([pool.totalCount, pool.waitingCount], [10, 0])
})

test('a burst that finds idle connections, more of it than there are, waits for busy ones and not for a server that is away', async (t) => {
  let failures = 0
  const failed = () => {
    failures += 1
  }
  const { pool, db } = await groundOf(t, { breaker: { ...always, failed } })
  assert.deepEqual(await outcomes(Array.from({ length: 8 }, (_, n) => ask(db, `before ${n}`))), { done: 8 })
  const idle = pool.idleCount
  const end = Promise.withResolvers<void>()
  const burst = Array.from({ length: 16 }, () => db.systemTx(() => end.promise))
  const waited = Promise.allSettled(burst)
  await until(() => pool.waitingCount === 0 && pool.totalCount === 10)
  end.resolve()
  await waited
  assert.deepEqual(await outcomes(burst), { done: 10, POOL_EXHAUSTED: 6 })
  assert.ok(idle > 0 && failures === 0, `${idle} idle, ${failures} failures`)
})

const other: Actor = { ...actor, agency_id: '0190163d-8694-739b-aea5-966c26f8ad92' }

test('an agency that asks for everything gets eight of ten connections: another one is served at once', async (t) => {
  const { pool, db } = await groundOf(t)
  const end = Promise.withResolvers<void>()
  const greedy = Array.from({ length: 100 }, () => db.tenantTx(actor, () => end.promise))
  await until(() => pool.totalCount === 8)
  const first = await Promise.race([...greedy, db.tenantRead(other, async () => 'the other')])
  assert.equal(first, 'the other')
  assert.deepEqual(await outcomes([ask(db, 'the system')]), { done: 1 })
  assert.ok(pool.totalCount <= 10 && pool.waitingCount === 0)
  end.resolve()
  assert.deepEqual(await outcomes(greedy), { done: 100 })
})

test('an agency whose reads hang gets eight of ten connections as well', async (t) => {
  const { pool, db } = await groundOf(t)
  const end = Promise.withResolvers<void>()
  let inside = 0
  const greedy = Array.from({ length: 100 }, () =>
    db.tenantRead(actor, () => {
      inside += 1
      return end.promise
    }),
  )
  await until(() => pool.totalCount === 8 && inside === 8)
  assert.equal(await Promise.race([...greedy, db.tenantRead(other, async () => 'the other')]), 'the other')
  assert.equal(inside, 8)
  end.resolve()
  assert.deepEqual(await outcomes(greedy), { done: 100 })
})

test('a scan that takes too long is refused with advice', async (t) => {
  const { pool, db } = await groundOf(t, { slow_ms: 2000 })
  Object.assign(pool.options, { query_timeout: 30 })
  const scan = db.tenantRead(actor, (tx) => tx.query(raw("select 'slow'")), 'scan')
  await assert.rejects(scan, { code: 'QUERY_TIMEOUT', message: /Ask for less/ })
})

test('its other requests wait a second, the 201st not at all, and those that gave up leave nothing behind', async (t) => {
  const { pool, db } = await groundOf(t)
  const end = Promise.withResolvers<void>()
  const holding = Array.from({ length: 8 }, () => db.tenantTx(actor, () => end.promise))
  await until(() => pool.totalCount === 8)
  const waiting = Array.from({ length: 200 }, () => db.tenantRead(actor, async () => 'waited'))
  const first = await Promise.race([...waiting, db.tenantRead(actor, async () => 'came').catch(({ code }) => code)])
  assert.equal(first, 'POOL_EXHAUSTED')
  assert.deepEqual(await outcomes(waiting), { POOL_EXHAUSTED: 200 })
  end.resolve()
  assert.deepEqual(await outcomes(holding), { done: 8 })
  const after = Array.from({ length: 150 }, () => db.tenantRead(actor, async () => 'after'))
  assert.deepEqual(await outcomes(after), { done: 150 })
})

test('idle connections that the server ends harm nobody: the next request gets new ones', async (t) => {
  const { server, pool, db } = await groundOf(t)
  await outcomes(Array.from({ length: 10 }, (_, n) => ask(db, `warm ${n}`)))
  const before = server.connections()
  assert.ok(server.terminate() > 0, 'the fault fired')
  assert.equal((await ask(db, 'next')).text, "select 'next'")
  await until(() => pool.totalCount < before)
  assert.deepEqual(await outcomes(Array.from({ length: 20 }, (_, n) => ask(db, `more ${n}`))), { done: 20 })
})

test('when the answer to COMMIT is lost, a change is unknown; a read has none that could be', async (t) => {
  const { server, db } = await groundOf(t)
  const statement = sql`select 'something'`
  const all = () => [
    db.tenantTx(actor, (tx) => tx.query(statement)),
    db.systemTx((tx) => tx.query(statement)),
    db.tenantRead(actor, (tx) => tx.query(statement)),
    db.systemRead((tx) => tx.query(statement)),
  ]
  assert.deepEqual(await outcomes(all()), { done: 4 })
  server.loseCommits()
  const codes = (await Promise.allSettled(all())).map((one) => (one.status === 'rejected' ? one.reason.code : 'done'))
  assert.deepEqual(codes, ['COMMIT_UNKNOWN', 'COMMIT_UNKNOWN', 'done', 'done'])
})

test('a request has 9 s for all its statements: no other begins after them, and a command has all the time it needs', async (t) => {
  const { db } = await groundOf(t, { request_ms: 30 })
  const inTwoSteps = (who: Actor) =>
    db.tenantTx(who, async (tx) => {
      await tx.query(sql`select 'first'`)
      const started = performance.now()
      await until(() => performance.now() - started > 60)
      return tx.query(sql`select 'second'`)
    })
  await assert.rejects(inTwoSteps(actor), { code: 'QUERY_TIMEOUT' })
  const { request_id: _, ...command } = actor
  assert.equal((await inTwoSteps(command)).length, 1)
})
