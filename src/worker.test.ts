// The worker: heartbeat, schedules, purging, start without a schema, shutdown.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { embedded, type JobsFixture, listeningLog, server } from '../test/jobs-fixture.ts'
import { noMedia } from '../test/no-media.ts'
import { until } from '../test/until.ts'
import { installJobs } from './core/jobs/jobs.ts'
import { startWorker } from './worker.ts'

const heartbeats = "select beat_at::text from app.heartbeats where name = 'worker'"
const schema_missing = /background jobs interrupted, retrying; run `roost migrate up`/

/** Two agencies with one member each, who has 1,250 expired keys and 7 valid ones. */
async function seedKeys({ owner }: JobsFixture): Promise<void> {
  await owner.query(`
    insert into agencies (id, name, slug) select ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'A', 'a' || n from generate_series(1, 2) n;
    insert into users (id, email, full_name, email_proven_at, email_proven_by)
      select id, slug || '@example.com', 'U', now(), 'operator' from agencies;
    insert into team_members (agency_id, id, user_id, role) select id, id, id, 'admin' from agencies;
    insert into idempotency_keys (agency_id, actor_id, key, fingerprint, expires_at)
      select id, id, 'expired ' || n, '\\x'::bytea, now() - n * interval '1 minute' from agencies, generate_series(1, 1250) n
      union all select id, id, 'valid ' || n, '\\x'::bytea, now() + interval '1 hour' from agencies, generate_series(1, 7) n`)
}

for (const engine of [embedded, server]) {
  describe(`the worker on ${engine.name}`, { skip: engine.skip }, () => {
    let fixture: JobsFixture
    before(async () => {
      fixture = await engine.open()
    })
    after(() => fixture?.close())
    const rows = async (text: string) => (await fixture.owner.query(text)).rows

    test('writes a heartbeat at the start, then every 10 s', async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      const worker = await startWorker({ ...fixture, media: noMedia, log: listeningLog().log })
      t.after(worker.stop)
      await until(async () => (await rows(heartbeats)).length === 1)
      const [first] = await rows(heartbeats)
      t.mock.timers.tick(10_000)
      await until(async () => (await rows(heartbeats))[0]?.beat_at !== first?.beat_at)
    })

    test('schedules every job that has a cron expression', async () => {
      assert.deepEqual(await rows('select name, cron, timezone from pgboss.schedule order by name'), [
        { name: 'audit-log.seal', cron: '29 2 * * *', timezone: 'UTC' },
        { name: 'holds.expire', cron: '* * * * *', timezone: 'UTC' },
        { name: 'holds.notes', cron: '7 * * * *', timezone: 'UTC' },
        { name: 'idempotency-keys.purge', cron: '*/5 * * * *', timezone: 'UTC' },
        { name: 'ledger.check', cron: '41 2 * * *', timezone: 'UTC' },
        { name: 'links.purge', cron: '*/10 * * * *', timezone: 'UTC' },
        { name: 'mail.purge', cron: '*/5 * * * *', timezone: 'UTC' },
        { name: 'photos.process', cron: '17 * * * *', timezone: 'UTC' },
        { name: 'sessions.purge', cron: '17 3 * * *', timezone: 'UTC' },
      ])
    })

    test('purges only expired keys, of all agencies, in batches of 1,000', async (t) => {
      await seedKeys(fixture)
      const counts = `select split_part(key, ' ', 1) as kind, agency_id, count(*)::int as n from idempotency_keys group by 1, 2 order by 1, 2`
      assert.deepEqual(
        (await rows(counts)).map(({ n }) => n),
        [1250, 1250, 7, 7],
      )
      // The schedule could run the same job during the call.
      await fixture.owner.query('delete from pgboss.schedule; delete from pgboss.job')
      const { log, lines } = listeningLog()
      const worker = await startWorker({ ...fixture, media: noMedia, log })
      t.after(worker.stop)
      fixture.statements.length = 0
      await worker.runNow('idempotency-keys.purge')
      assert.deepEqual(
        (await rows(counts)).map(({ kind, n }) => [kind, n]),
        [
          ['valid', 7],
          ['valid', 7],
        ],
      )
      const deletes = fixture.statements.filter((text) => text.includes('delete from idempotency_keys'))
      assert.equal(deletes.length, 3, '1,000 + 1,000 + 500')
      assert.deepEqual(
        lines.filter(({ purged }) => purged !== undefined).map(({ purged }) => purged),
        [2500],
      )
    })

    test('without its schema writes no heartbeat and logs once, then starts when it is there', async (t) => {
      const bare = await engine.open({ without_jobs: true })
      const { log, lines, count } = listeningLog()
      t.mock.timers.enable({ apis: ['setInterval'] })
      const worker = await startWorker({ ...bare, media: noMedia, log })
      t.after(async () => {
        await worker.stop()
        await bare.close()
      })
      t.mock.timers.tick(30_000) // three times the interval of the heartbeat
      t.mock.timers.reset()
      const attempts = () => bare.statements.filter((text) => text.includes("set_config('role'")).length
      await until(() => attempts() >= 6)
      assert.equal(count(schema_missing), 1)
      assert.equal(lines.length, 1)
      assert.deepEqual((await bare.owner.query(heartbeats)).rows, [])
      await installJobs(bare.owner)
      await until(async () => (await bare.owner.query(heartbeats)).rows.length === 1)
      assert.equal(count(/background jobs resumed/), 1)
    })

    test('leaves no timers when it stops, so the process ends', async () => {
      const program = `
        import { ${engine === embedded ? 'embedded' : 'server'} as engine } from ${JSON.stringify(import.meta.resolve('../test/jobs-fixture.ts'))}
        import { until } from ${JSON.stringify(import.meta.resolve('../test/until.ts'))}
        import { createLog } from ${JSON.stringify(import.meta.resolve('./core/log.ts'))}
        import { startWorker } from ${JSON.stringify(import.meta.resolve('./worker.ts'))}
        const media = { put() {}, get() {}, open() {}, remove() {} }
        const fixture = await engine.open()
        const worker = await startWorker({ ...fixture, media, log: createLog('silent') })
        await until(async () => (await fixture.owner.query(\`${heartbeats}\`)).rows.length === 1)
        await worker.stop()
        await fixture.close()
        console.log('stopped with timers:', process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length)`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        timeout: 300_000,
      })
      assert.equal(stdout, 'stopped with timers: 0\n')
    })
  })
}
