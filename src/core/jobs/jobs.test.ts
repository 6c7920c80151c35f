// Background jobs: installation, privileges, retries, schedules and shutdown.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { getRollbackPlans } from 'pg-boss'
import manifest from 'pg-boss/package.json' with { type: 'json' }
import sql from 'sql-template-tag'
import { embedded, type JobsFixture, listeningLog, server } from '../../../test/jobs-fixture.ts'
import { until } from '../../../test/until.ts'
import type { Actor } from '../auth/actors.ts'
import { ForbiddenError } from '../errors.ts'
import { createBoss, type JobsConnection, systemDb } from './boss.ts'
import { createJobs, installJobs, type Jobs } from './jobs.ts'
import type { JobData, JobHandler } from './worker.ts'

const booking_id = '00000000-0000-7000-8000-000000000001'
const nothing: JobHandler = { run: async () => {} }

for (const engine of [embedded, server]) {
  describe(`background jobs on ${engine.name}`, { skip: engine.skip }, () => {
    let fixture: JobsFixture
    before(async () => {
      fixture = await engine.open()
    })
    after(() => fixture?.close())

    const rows = async (text: string, values?: unknown[]) => (await fixture.owner.query(text, values)).rows
    const jobsOn = (log = listeningLog().log): Jobs => createJobs({ ...fixture, log })
    /** Runs `work` while a worker with these handlers runs. */
    async function withWorker(handlers: Record<string, JobHandler>, work: (jobs: Jobs) => Promise<unknown>) {
      const jobs = jobsOn()
      await jobs.start(handlers)
      await work(jobs).finally(jobs.stop)
    }

    describe('installing', () => {
      const privileges = `
        select relname as name, relacl::text as acl from pg_class where relnamespace = 'pgboss'::regnamespace
        union all select proname, proacl::text from pg_proc where pronamespace = 'pgboss'::regnamespace
        union all select nspname, nspacl::text from pg_namespace where nspname = 'pgboss' order by 1, 2`

      test('a second run changes nothing and sends three queries', async () => {
        const earlier = await rows(privileges)
        let num_queries = 0
        const counting: JobsConnection = {
          query(text, values) {
            num_queries += 1
            return fixture.owner.query(text, values)
          },
        }
        await installJobs(counting)
        assert.equal(num_queries, 3)
        assert.deepEqual(await rows(privileges), earlier)
      })

      test('updates an older schema, including its concurrent index builds', async () => {
        const indexes = `select count(*)::int as n from pg_index where indrelid = 'pgboss.job_common'::regclass and indisvalid`
        const [wanted] = await rows(indexes)
        await fixture.owner.query(getRollbackPlans('pgboss', manifest.pgboss.schema))
        assert.notDeepEqual(await rows(indexes), [wanted], 'the older schema has fewer indexes')
        await fixture.owner.query('update pgboss.version set bam_on = null')
        await installJobs(fixture.owner)
        assert.deepEqual(await rows('select version from pgboss.version'), [{ version: manifest.pgboss.schema }])
        assert.deepEqual(await rows(indexes), [wanted])
      })

      test('builds the index that an interrupted update did not build', async () => {
        await fixture.owner.query(`
          drop index pgboss.job_common_i14;
          update pgboss.bam set status = 'pending', started_on = null, completed_on = null where command like '%i14%';
          update pgboss.version set bam_on = null`)
        await installJobs(fixture.owner)
        assert.deepEqual(await rows("select to_regclass('pgboss.job_common_i14') is not null as is_there"), [
          { is_there: true },
        ])
      })
    })

    describe('privileges', () => {
      const actor: Actor = { agency_id: randomUUID(), role: 'admin', id: randomUUID(), kind: 'person' }
      const select = sql`select from pgboss.job`

      test('the tenant role cannot read jobs', async () => {
        await assert.rejects(
          fixture.db.tenantTx(actor, (tx) => tx.query(select)),
          ForbiddenError,
        )
        assert.deepEqual(await fixture.db.systemTx((tx) => tx.query(select)), [])
      })

      test('the system role cannot read bookings, guests or properties', async () => {
        for (const table of ['bookings', 'guests', 'properties', 'blocks', 'audit_log']) {
          const read = fixture.db.systemTx((tx) => tx.script(`select from ${table}`))
          await assert.rejects(read, ForbiddenError, table)
        }
      })

      test('the system role cannot change the schema of the queue', async () => {
        for (const text of ['create table pgboss.more ()', 'drop table pgboss.job', 'truncate pgboss.job']) {
          await assert.rejects(
            fixture.db.systemTx((tx) => tx.script(text)),
            ForbiddenError,
            text,
          )
        }
      })
    })

    describe('a job', () => {
      test('enqueued before any worker has run is handled with its data', async () => {
        await jobsOn().enqueue('before.worker', { booking_id })
        const seen: JobData[] = []
        const run = async (data: JobData) => void seen.push(data)
        await withWorker({ 'before.worker': { run } }, () => until(() => seen.length > 0))
        assert.deepEqual(seen, [{ booking_id }])
      })

      test('does not wait for the next poll', async () => {
        let handled = 0
        const run = async () => void handled++
        await withWorker({ backlog: { run } }, async (jobs) => {
          for (let n = 0; n < 20; n += 1) await jobs.enqueue('backlog', { booking_id })
          await until(() => handled === 20)
        })
      })

      test('that fails is attempted five times and stores no message; other jobs continue', async () => {
        let tries = 0
        const run = async () => {
          tries += 1
          throw Object.assign(new Error('Key (email)=(anna@example.com) already exists'), { code: '23505' })
        }
        const job =
          "select state, output->>'message' as message, output::text as output from pgboss.job where name = 'poison'"
        await withWorker({ poison: { run }, healthy: nothing }, async (jobs) => {
          await jobs.enqueue('poison', { booking_id })
          await until(async () => (await rows(job))[0]?.state === 'retry')
          await fixture.owner.query("update pgboss.job set start_after = now(), retry_count = 3 where name = 'poison'")
          await until(async () => (await rows(job))[0]?.state === 'failed')
          await jobs.enqueue('healthy', { booking_id })
          const healthy = "select from pgboss.job where name = 'healthy' and state = 'completed'"
          await until(async () => (await rows(healthy)).length === 1)
        })
        const [failed] = await rows(job)
        assert.equal(failed?.message, '23505')
        assert.doesNotMatch(String(failed?.output), /anna/)
        assert.equal(tries, 2, 'three attempts were skipped by raising retry_count')
      })

      test('with data that is not an id is refused', async () => {
        await assert.rejects(jobsOn().enqueue('mail', { guest_id: 'anna@example.com' }), /ids only: guest_id/)
      })

      test('runs directly with runNow, which throws what the handler throws', async () => {
        const failure = new Error('handler failed')
        const run = () => Promise.reject(failure)
        await withWorker({ failing: { run } }, async (jobs) => {
          await assert.rejects(jobs.runNow('failing'), failure)
          await assert.rejects(jobs.runNow('unknown'), /no job unknown/)
        })
      })
    })

    test('a scheduled job runs', async () => {
      let runs = 0
      const handlers = { 'every.minute': { cron: '* * * * *', run: async () => void runs++ } }
      await withWorker(handlers, async () => {}) // stores the schedule; pg-boss checks the clock at start and every 30 s
      await fixture.owner.query('update pgboss.version set cron_on = null')
      await withWorker(handlers, () => until(() => runs > 0))
      assert.equal(runs, 1)
    })

    test('supervision works as the system role without server warnings', async () => {
      const failures: unknown[] = []
      const boss = await createBoss({ db: systemDb(fixture.db, () => {}), backend: 'postgres' })
      boss.on('error', (error) => failures.push(error))
      boss.on('warning', (warning) => failures.push(warning))
      await boss.start()
      await boss.createQueue('supervised', { heartbeatSeconds: 10 })
      await boss.send('supervised', { booking_id })
      const old = await boss.send('supervised', { booking_id })
      const [lost] = await boss.fetch('supervised')
      await fixture.owner.query("update pgboss.job set heartbeat_on = now() - interval '1 minute' where id = $1", [
        lost?.id,
      ])
      await fixture.owner.query(
        "update pgboss.job set state = 'completed', completed_on = now() - interval '30 days' where id = $1",
        [old],
      )
      await fixture.owner.query(
        "update pgboss.queue set monitor_on = null, maintain_on = null where name = 'supervised'",
      )
      await boss.supervise('supervised')
      await boss.stop({ close: false })
      const found = await rows("select id, state from pgboss.job where name = 'supervised'")
      assert.deepEqual(found, [{ id: lost?.id, state: 'retry' }], 'the lost job is released, the old one deleted')
      assert.deepEqual([failures, fixture.notices], [[], []])
    })

    test('stopping waits for the running job and starts no other', async () => {
      const running = Promise.withResolvers<void>()
      const finish = Promise.withResolvers<void>()
      let handled = 0
      const run = async (_data: JobData, signal: AbortSignal) => {
        running.resolve()
        signal.addEventListener('abort', () => finish.resolve())
        await finish.promise
        handled += 1
      }
      await withWorker({ slow: { run } }, async (jobs) => {
        await jobs.enqueue('slow', { booking_id })
        await jobs.enqueue('slow', { booking_id })
        await running.promise
      })
      assert.equal(handled, 1)
      const states = await rows("select state from pgboss.job where name = 'slow' order by created_on")
      assert.deepEqual(states, [{ state: 'completed' }, { state: 'created' }])
    })
  })
}

describe('the schema of the queue on PostgreSQL', { skip: server.skip }, () => {
  test('can be installed by three processes at once', async (t) => {
    const fixture = await server.open({ without_jobs: true })
    t.after(fixture.close)
    const sessions = await Promise.all([fixture.openOwner(), fixture.openOwner(), fixture.openOwner()])
    await Promise.all(sessions.map(installJobs))
    const { rows } = await fixture.owner.query('select version from pgboss.version')
    assert.deepEqual(rows, [{ version: manifest.pgboss.schema }])
    await fixture.db.systemTx((tx) => tx.query(sql`select from pgboss.job`))
  })
})
