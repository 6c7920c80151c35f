// Health and readiness: the effect of each failing component, time limits and caching.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import sql from 'sql-template-tag'
import { emptyDump } from '../../test/dumps.ts'
import { openTestStore, type TestStore } from '../../test/engines.ts'
import { type ComponentStatus, createHealth, type HealthOptions } from './health.ts'
import { createBreaker } from './postgres/breaker.ts'
import { createDatabase } from './postgres/database.ts'
import { openEmbedded } from './postgres/embedded.ts'
import type { ServerFinding } from './postgres/server-settings.ts'

const migrations_table = 'supabase_migrations.schema_migrations'
let store: TestStore
let newest: string

before(async () => {
  store = await openTestStore({ pool_size: 1 })
  const { rows } = await store.owner.query(`select max(version) as version from ${migrations_table}`)
  newest = String(rows[0]?.version)
})
after(() => store.close())
beforeEach(() => beat('1 second'))

async function beat(ago: string): Promise<void> {
  await store.owner.query(
    `insert into app.heartbeats (name, beat_at) values ('worker', now() - $1::interval)
     on conflict (name) do update set beat_at = excluded.beat_at`,
    [ago],
  )
}

function redis(status: ComponentStatus) {
  return { status: async () => status }
}

/** Health of the database above, with a manual clock and the number of probes. */
function healthOf(options: Partial<HealthOptions> = {}) {
  const clock = { ms: 0 }
  const probes = { count: 0 }
  const { probe = store.probe, ...others } = options
  const counted = async () => {
    probes.count += 1
    await probe()
  }
  const fixed = { db: store.db, redis: redis('ok'), schema_version: newest, now: () => clock.ms }
  return { ...createHealth({ ...fixed, ...others, probe: counted }), clock, probes }
}

const never = () => new Promise<never>(() => {})
const refuses = () => Promise.reject(new Error('connect ECONNREFUSED'))

/** Keeps the pool's only connection busy while `work` runs. */
async function whileBusy(work: () => Promise<void>): Promise<void> {
  await store.db.systemTx(async (tx) => {
    await tx.query(sql`select 1`)
    await work()
  })
}

/** Hides the migrations table while `work` runs, as if no migration had been applied. */
async function withoutMigrations(work: () => Promise<void>): Promise<void> {
  await store.owner.query(`alter table ${migrations_table} rename to hidden_migrations`)
  await work()
  await store.owner.query(`alter table supabase_migrations.hidden_migrations rename to schema_migrations`)
}

test('status is ok when all components answer', async () => {
  const checks = { db: 'ok', redis: 'ok', worker: 'ok' }
  assert.deepEqual(await healthOf().report(), { status: 'ok', checks })
  const { db, probe } = store
  const with_real_clock = createHealth({ db, probe, redis: redis('ok'), schema_version: newest })
  assert.deepEqual(await with_real_clock.report(), { status: 'ok', checks })
  assert.equal(await with_real_clock.isReady(), true)
})

test('a deployment without Redis is not degraded', async () => {
  const { status, checks } = await healthOf({ redis: redis('disabled') }).report()
  assert.deepEqual([status, checks.redis], ['ok', 'disabled'])
})

const failingRedis = {
  'that reports an error': redis('error'),
  'whose check throws': { status: refuses },
  'whose check hangs': { status: never },
}
for (const [name, failing] of Object.entries(failingRedis)) {
  test(`a Redis ${name} degrades`, async () => {
    const checks = { db: 'ok', redis: 'error', worker: 'ok' }
    assert.deepEqual(await healthOf({ redis: failing }).report(), { status: 'degraded', checks })
  })
}

test('a worker without a heartbeat in 45 seconds degrades', async () => {
  await beat('44 seconds')
  assert.equal((await healthOf().report()).checks.worker, 'ok')
  await beat('46 seconds')
  assert.deepEqual(await healthOf().report(), {
    status: 'degraded',
    checks: { db: 'ok', redis: 'ok', worker: 'error' },
  })
  await store.owner.query('delete from app.heartbeats')
  assert.equal((await healthOf().report()).checks.worker, 'error')
})

test('a worker without a heartbeat is starting for 45 seconds, then in error', async () => {
  await store.owner.query('delete from app.heartbeats')
  let now = 1000
  const health = healthOf({ worker_start_ms: 45_000, now: () => now })
  const checks = { db: 'ok', redis: 'ok', worker: 'starting' }
  assert.deepEqual(await health.report(), { status: 'ok', checks })
  now += 45_000
  assert.deepEqual(await health.report(), { status: 'degraded', checks: { ...checks, worker: 'error' } })
  await beat('0 seconds')
  now += 1000
  assert.equal((await health.report()).checks.worker, 'ok')
})

const failingProbes = { refuses, hangs: never }
for (const [name, probe] of Object.entries(failingProbes)) {
  test(`a database that ${name} is unavailable, and so is the worker`, async () => {
    const health = healthOf({ probe })
    const checks = { db: 'error', redis: 'ok', worker: 'error' }
    assert.deepEqual(await health.report(), { status: 'unavailable', checks })
    assert.equal((await health.readinessError())?.code, 'DB_UNAVAILABLE')
    assert.equal(await health.isReady(), false)
  })
}

test('an exhausted pool is no outage: the worker check times out after 500 ms', async () => {
  await whileBusy(async () => {
    const health = healthOf({ probe: async () => {} })
    const started = performance.now()
    assert.deepEqual((await health.report()).checks, { db: 'ok', redis: 'ok', worker: 'error' })
    assert.ok(performance.now() - started > 400, 'after the time limit')
  })
})

test('a thousand callers share one probe, cached for a second', async () => {
  const health = healthOf()
  await Promise.all(Array.from({ length: 1000 }, () => health.report()))
  health.clock.ms = 999
  await health.report()
  assert.equal(health.probes.count, 1)
  health.clock.ms = 1000
  await Promise.all([health.report(), health.isReady()])
  assert.equal(health.probes.count, 2)
})

test('an outage and its end are reported after a second', async () => {
  let is_up = true
  const health = healthOf({ probe: async () => (is_up ? undefined : refuses()) })
  const seen: string[] = []
  for (const up of [true, false, true]) {
    is_up = up
    health.clock.ms += 1000
    seen.push(`${(await health.report()).status}, ${await health.isReady()}`)
  }
  assert.deepEqual(seen, ['ok, true', 'unavailable, false', 'ok, true'])
})

test('ready with the schema of this version or a newer one, not with an older one or none', async () => {
  const errorCodeOf = async (schema_version: string) => (await healthOf({ schema_version }).readinessError())?.code
  assert.equal(await errorCodeOf(newest), undefined)
  assert.equal(await errorCodeOf('20200101000000'), undefined)
  assert.equal(await errorCodeOf('20990101000000'), 'SCHEMA_DRIFT')
  assert.equal(await healthOf({ schema_version: '20990101000000' }).isReady(), false)
  await withoutMigrations(async () => assert.equal(await errorCodeOf(newest), 'SCHEMA_DRIFT'))
})

test('not ready with an error finding about the server, ready with warnings', async () => {
  const message = 'The server is a read-only replica: set DATABASE_URL to the primary.'
  const warning = { name: 'clock', severity: 'warning', message: 'late' } as const
  const errorWith = (found: readonly ServerFinding[]) => healthOf({ server: async () => found }).readinessError()
  assert.equal(await errorWith([warning]), undefined)
  const readinessError = await errorWith([warning, { name: 'standby', severity: 'error', message }])
  assert.deepEqual([readinessError?.code, readinessError?.message], ['DATABASE_UNSUITABLE', message])
})

test('the last findings are kept when the server does not answer', async () => {
  const standby = { name: 'standby', severity: 'error', message: 'A replica.' } as const
  const answers: (readonly ServerFinding[] | undefined)[] = [[standby], undefined, []]
  const health = healthOf({ server: async () => answers.shift() })
  const codeAt = async (ms: number) => {
    health.clock.ms = ms
    return (await health.readinessError())?.code
  }
  assert.deepEqual(
    [await codeAt(0), await codeAt(10_000), await codeAt(20_000)],
    ['DATABASE_UNSUITABLE', 'DATABASE_UNSUITABLE', undefined],
  )
})

test('a database without migrations answers but is not ready', async (t) => {
  const empty = await openEmbedded(undefined, { dump: await emptyDump() })
  t.after(() => empty.close())
  const probe = () => empty.pool.query('select 1')
  const db = createDatabase({ pool: empty.pool, breaker: createBreaker({ probe }), prepared: true })
  const health = healthOf({ db, probe })
  assert.equal((await health.readinessError())?.code, 'SCHEMA_DRIFT')
  assert.deepEqual((await health.report()).checks, { db: 'ok', redis: 'ok', worker: 'error' })
})

test('the schema status is cached for ten seconds if valid, otherwise for one', async () => {
  const health = healthOf()
  const at = async (ms: number) => {
    health.clock.ms = ms
    return health.isReady()
  }
  assert.equal(await at(0), true)
  await withoutMigrations(async () => assert.deepEqual([await at(9999), await at(10_000)], [true, false]))
  assert.deepEqual([await at(10_999), await at(11_000)], [false, true])
})

test('an exhausted pool keeps the process ready if the schema was valid before', async () => {
  const health = healthOf({ probe: async () => {} })
  assert.equal(await health.isReady(), true)
  const fresh = healthOf({ probe: async () => {} })
  await whileBusy(async () => {
    health.clock.ms = 10_000
    assert.equal(await health.isReady(), true)
    assert.equal((await fresh.readinessError())?.code, 'DB_UNAVAILABLE')
  })
  fresh.clock.ms = 1000
  assert.equal(await fresh.isReady(), true)
})

test('a draining process is not ready and does not probe', async () => {
  const health = healthOf()
  health.drain()
  assert.equal((await health.readinessError())?.code, 'SHUTTING_DOWN')
  assert.equal(await health.isReady(), false)
  assert.equal(health.probes.count, 0)
  assert.equal((await health.report()).status, 'ok')
})
