// S30: the worker is killed (kill -9) with jobs in its hands: every job is done in the end, every effect there once.
import { spawnSync } from 'node:child_process'
import { root } from '../../../src/store.ts'
import { north } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import { keyedBookings } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { atMost, exactly, fired, type Measure, told } from '../scenario.ts'

export const workerKills: Measure = {
  id: 'S30',
  title: 'Worker killed (kill -9) with jobs in its hands',
  seconds: { full: 170 },
  run: (size) =>
    withStage(async (stage) => {
      const rounds = size === 'full' ? 50 : 5
      const { owner } = stage
      const api = await stage.serve()
      const load = keyedBookings({ address: () => api.address, token: await stage.token('staff'), keys: 500 })
      await load.done

      const worker = await stage.work()
      let kills = 0
      let kills_at_work = 0
      let abandoned: unknown[] = []
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await worker.start()
        await enqueue(stage, 100)
        await until(async () => (await jobsIn(stage, 'active')).length > 0, 2000).catch(() => {})
        if ((await worker.kill()).signal === 'SIGKILL') kills += 1
        abandoned = await jobsIn(stage, 'active')
        if (abandoned.length > 0) kills_at_work += 1
      }
      const killed = performance.now()
      await worker.start()
      const jobs_left =
        "select count(*)::int as n from pgboss.job where name = 'booking.changed' and state <> 'completed'"
      const left = async () => Number((await owner.query(jobs_left)).rows[0]?.n)
      await until(async () => (await left()) === 0, 90_000).catch(() => {})
      const pickup_s = (performance.now() - killed) / 1000
      const unsealed = `select (select count(*) from audit_log)::int - (select count(*) from audit_seals)::int as n`
      await until(async () => Number((await owner.query(unsealed)).rows[0]?.n) === 0, 10_000).catch(() => {})

      const { rows } = await owner.query(
        "select count(*)::int as jobs, count(*) filter (where retry_count > 0)::int as again from pgboss.job where name = 'booking.changed'",
      )
      return [
        fired('workers killed', kills, rounds),
        fired('of them with jobs in their hands', kills_at_work, Math.ceil(rounds / 10)),
        exactly('jobs that are not done', await left(), 0),
        atMost('until the jobs of the last one killed are done', pickup_s, 45, ' s'),
        exactly('audit rows sealed twice or never', Number((await owner.query(unsealed)).rows[0]?.n), 0),
        exactly('exit code of roost verify audit', verifyAudit(stage), 0),
        told('jobs', Number(rows[0]?.jobs)),
        told('jobs that ran again', Number(rows[0]?.again)),
        told('jobs in the hands of the last one', abandoned.length),
      ]
    }),
}

async function jobsIn({ owner }: Stage, state: string): Promise<unknown[]> {
  const { rows } = await owner.query("select id from pgboss.job where name = 'booking.changed' and state::text = $1", [
    state,
  ])
  return rows
}

/** As bookings do it, in the agency's own transaction. */
async function enqueue({ owner }: Stage, jobs: number): Promise<void> {
  await owner.query(
    `with context as materialized (
       select set_config('request.jwt.claims', json_build_object('agency_id', $1::text, 'app_role', 'admin')::text, true))
     select app.announce_event('booking.changed', b.id)
     from context, (select id from bookings order by random() limit $2) b`,
    [north, jobs],
  )
}

function verifyAudit({ env }: Stage): number {
  const { status } = spawnSync(process.execPath, ['src/main.ts', 'verify', 'audit'], {
    cwd: root,
    env: { ...(process.env as Record<string, string>), ...env },
    stdio: 'ignore',
    timeout: 60_000,
  })
  return status ?? -1
}
