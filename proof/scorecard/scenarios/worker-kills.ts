// S30: the worker is killed (SIGKILL) with active jobs; every effect occurs exactly once.
import { north } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { startKeyedBookings } from '../environment/keyed-bookings.ts'
import { runRoost } from '../environment/roost-command.ts'
import { atMost, exactly, info, injected, type Scenario } from '../scenario.ts'

export const workerKills: Scenario = {
  id: 'S30',
  title: 'Worker killed (SIGKILL) with active jobs',
  seconds: { full: 170 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const rounds = size === 'full' ? 50 : 5
      const { owner } = environment
      const api = await environment.serve()
      const load = startKeyedBookings({
        address: () => api.address,
        token: await environment.token('staff'),
        keys: 500,
      })
      await load.done

      const worker = await environment.work()
      let kills = 0
      let kills_with_jobs = 0
      let abandoned: unknown[] = []
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await worker.start()
        await enqueue(environment, 100)
        await until(async () => (await jobsIn(environment, 'active')).length > 0, 2000).catch(() => {})
        if ((await worker.kill()).signal === 'SIGKILL') kills += 1
        abandoned = await jobsIn(environment, 'active')
        if (abandoned.length > 0) kills_with_jobs += 1
      }
      const killed = performance.now()
      await worker.start()
      const jobs_left = "select count(*)::int as n from pgboss.job where name = 'ledger.check' and state <> 'completed'"
      const left = async () => Number((await owner.query(jobs_left)).rows[0]?.n)
      await until(async () => (await left()) === 0, 90_000).catch(() => {})
      const completion_s = (performance.now() - killed) / 1000
      const unsealed = `select (select count(*) from audit_log)::int - (select count(*) from audit_seals)::int as n`
      await until(async () => Number((await owner.query(unsealed)).rows[0]?.n) === 0, 10_000).catch(() => {})

      const { rows } = await owner.query(
        "select count(*)::int as jobs, count(*) filter (where retry_count > 0)::int as again from pgboss.job where name = 'ledger.check'",
      )
      return [
        injected('workers killed', kills, rounds),
        injected('workers killed with active jobs', kills_with_jobs, Math.ceil(rounds / 10)),
        exactly('jobs not completed', await left(), 0),
        atMost('time until all jobs are completed', completion_s, 45, ' s'),
        exactly('audit rows without exactly one seal', Number((await owner.query(unsealed)).rows[0]?.n), 0),
        exactly('exit code of roost verify audit', (await runRoost(['verify', 'audit'], environment.env)).code, 0),
        info('jobs', Number(rows[0]?.jobs)),
        info('jobs that ran more than once', Number(rows[0]?.again)),
        info('active jobs of the last killed worker', abandoned.length),
      ]
    }),
}

async function jobsIn({ owner }: Environment, state: string): Promise<unknown[]> {
  const { rows } = await owner.query("select id from pgboss.job where name = 'ledger.check' and state::text = $1", [
    state,
  ])
  return rows
}

/** Enqueues jobs as pg-boss does, with the options of their queue. */
async function enqueue({ owner }: Environment, jobs: number): Promise<void> {
  await owner.query(
    `insert into pgboss.job (name, data, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds,
       deletion_seconds, heartbeat_seconds)
     select q.name, jsonb_build_object('agency_id', $1::text), q.policy, q.retry_limit, q.retry_delay, q.retry_backoff,
       q.retry_delay_max, q.expire_seconds, q.deletion_seconds, q.heartbeat_seconds
     from pgboss.queue q, generate_series(1, $2) where q.name = 'ledger.check'`,
    [north, jobs],
  )
}
