// Timeouts, exhausted pools, lost connections and lost COMMIT results, with a fake server.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type pg from 'pg'
import sql, { raw } from 'sql-template-tag'
import { type EchoOptions, type EchoServer, startEchoServer } from '../../../test/fake-session.ts'
import { until } from '../../../test/until.ts'
import type { Actor } from '../auth/actors.ts'
import type { Breaker } from './breaker.ts'
import { createDatabase, type Database, type DatabaseOptions } from './database.ts'
import { openServerPool, type ServerOptions } from './pools.ts'

const actor: Actor = {
  agency_id: '0190163d-8694-739b-aea5-966c26f8ad91',
  role: 'admin',
  id: 'u',
  kind: 'person',
  request_id: 'r',
}
const closed_breaker: Breaker = {
  isOpen: () => false,
  recordSuccess: () => {},
  recordFailure: () => {},
  recordSaturation: () => {},
  stop: () => {},
}

interface Fixture {
  readonly server: EchoServer
  readonly pool: pg.Pool
  readonly db: Database
}

type FixtureOptions = EchoOptions & Pick<ServerOptions, 'query_timeout_ms'> & Partial<DatabaseOptions>

async function createFixture(t: TestContext, options: FixtureOptions = {}): Promise<Fixture> {
  const { slow_ms, query_timeout_ms = 7000, ...more } = options
  const server = await startEchoServer(slow_ms === undefined ? {} : { slow_ms })
  const pool = openServerPool({ url: server.url, size: 10, query_timeout_ms })
  const db = createDatabase({ pool, breaker: closed_breaker, prepared: false, ...more })
  t.after(async () => {
    await db.close()
    await server.close()
  })
  return { server, pool, db }
}

const selectText = (db: Database, what: string) =>
  db.systemTx((tx) => tx.one<{ text: string }>(raw(`select '${what}'`)))

/** The outcomes of the promises: 'done' or the error code, with their counts. */
async function outcomes(promises: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of await Promise.allSettled(promises)) {
    const outcome = one.status === 'fulfilled' ? 'done' : String(one.reason.code)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

test('after a thousand timeouts the pool works, and no statement gets the result of another', async (t) => {
  const { server, pool, db } = await createFixture(t, { slow_ms: 60, query_timeout_ms: 30 })
  // A slow machine may take long to connect.
  Object.assign(pool.options, { connectionTimeoutMillis: 60_000 })
  const timed_out: Record<string, number> = {}
  let right = 0
  const sender = async (_: unknown, who: number) => {
    for (let n = 0; n < 100; n += 1) {
      const [code = ''] = Object.keys(await outcomes([selectText(db, `slow ${who} ${n}`)]))
      timed_out[code] = (timed_out[code] ?? 0) + 1
      // On a slow machine this one may time out as well and is repeated. Its result must be its own.
      let own: { text: string } | undefined
      while (own === undefined) own = await selectText(db, `own ${who} ${n}`).catch(() => undefined)
      assert.equal(own.text, `select 'own ${who} ${n}'`)
      right += 1
    }
  }
  await Promise.all(Array.from({ length: 10 }, sender))
  assert.deepEqual(timed_out, { QUERY_TIMEOUT: 1000 })
  assert.equal(right, 1000)
  assert.ok(server.connections() >= 1000, 'a connection is not used again after a timeout')
  assert.ok(pool.totalCount <= 10 && pool.waitingCount === 0, `${pool.totalCount} ${pool.waitingCount}`)
  await until(async () => Object.hasOwn(await outcomes([selectText(db, 'the last')]), 'done'))
})

test('with ten busy connections 200 requests wait for a second; the next is refused at once', async (t) => {
  const { pool, db } = await createFixture(t)
  const end = Promise.withResolvers<void>()
  const holding = Array.from({ length: 10 }, () => db.systemTx(() => end.promise))
  await until(() => pool.totalCount === 10 && pool.waitingCount === 0)
  const started = performance.now()
  const waiting = Array.from({ length: 200 }, (_, n) => selectText(db, `waits ${n}`))
  const first = await Promise.race([selectText(db, 'one too many').catch((error) => error.code), ...waiting])
  assert.equal(first, 'POOL_EXHAUSTED')
  assert.equal(pool.waitingCount, 200, 'the others still wait')
  assert.deepEqual(await outcomes(waiting), { POOL_EXHAUSTED: 200 }, 'refused before a connection is released')
  assert.ok(performance.now() - started > 950, 'refused after a wait')
  end.resolve()
  assert.deepEqual(await outcomes(holding), { done: 10 })
  assert.deepEqual(await outcomes(Array.from({ length: 50 }, (_, n) => selectText(db, `after ${n}`))), { done: 50 })
  assert.deepEqual([pool.totalCount, pool.waitingCount], [10, 0])
})

test('a burst larger than the idle connections answers POOL_EXHAUSTED, not a server failure', async (t) => {
  let failures = 0
  const recordFailure = () => {
    failures += 1
  }
  const { pool, db } = await createFixture(t, { breaker: { ...closed_breaker, recordFailure } })
  assert.deepEqual(await outcomes(Array.from({ length: 8 }, (_, n) => selectText(db, `before ${n}`))), { done: 8 })
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

test('writes of one agency use at most eight of ten connections', async (t) => {
  const { pool, db } = await createFixture(t)
  const end = Promise.withResolvers<void>()
  const flood = Array.from({ length: 100 }, () => db.tenantTx(actor, () => end.promise))
  await until(() => pool.totalCount === 8)
  const first = await Promise.race([...flood, db.tenantRead(other, async () => 'the other')])
  assert.equal(first, 'the other')
  assert.deepEqual(await outcomes([selectText(db, 'the system')]), { done: 1 })
  assert.ok(pool.totalCount <= 10 && pool.waitingCount === 0)
  end.resolve()
  assert.deepEqual(await outcomes(flood), { done: 100 })
})

test('reads of one agency use at most eight of ten connections', async (t) => {
  const { pool, db } = await createFixture(t)
  const end = Promise.withResolvers<void>()
  let inside = 0
  const flood = Array.from({ length: 100 }, () =>
    db.tenantRead(actor, () => {
      inside += 1
      return end.promise
    }),
  )
  await until(() => pool.totalCount === 8 && inside === 8)
  assert.equal(await Promise.race([...flood, db.tenantRead(other, async () => 'the other')]), 'the other')
  assert.equal(inside, 8)
  end.resolve()
  assert.deepEqual(await outcomes(flood), { done: 100 })
})

test('a scan that times out answers with advice', async (t) => {
  const { db } = await createFixture(t, { slow_ms: 2000, query_timeout_ms: 30 })
  const scan = db.tenantRead(actor, (tx) => tx.query(raw("select 'slow'")), 'scan')
  await assert.rejects(scan, { code: 'QUERY_TIMEOUT', message: /Request less data/ })
})

test('200 requests of an agency wait for a second; the 201st is refused at once', async (t) => {
  const { pool, db } = await createFixture(t)
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

test('idle connections that the server has closed are replaced', async (t) => {
  const { server, pool, db } = await createFixture(t)
  await outcomes(Array.from({ length: 10 }, (_, n) => selectText(db, `warm ${n}`)))
  const before = server.connections()
  assert.ok(server.terminate() > 0, 'connections were terminated')
  assert.equal((await selectText(db, 'next')).text, "select 'next'")
  await until(() => pool.totalCount < before)
  assert.deepEqual(await outcomes(Array.from({ length: 20 }, (_, n) => selectText(db, `more ${n}`))), { done: 20 })
})

test('a lost COMMIT result answers COMMIT_UNKNOWN for writes and does not affect reads', async (t) => {
  const { server, db } = await createFixture(t)
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

test('no statement of a request starts after its time limit; commands and imports have no limit', async (t) => {
  const { db } = await createFixture(t, { request_ms: 30 })
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
  assert.equal((await inTwoSteps({ ...actor, role: 'operator' })).length, 1)
})
