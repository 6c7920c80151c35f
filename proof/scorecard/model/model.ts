// B10: random operations while API processes and database sessions are killed; the history is checked.

import { createRandom } from '../../../src/commands/verify/overlap/statistics.ts'
import { north } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import type { RoostProcess } from '../environment/roost-process.ts'
import { seedFromEnv } from '../random.ts'
import { exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'
import { check } from './checker.ts'
import { runClient, type Workload } from './clients.ts'
import { createRecorder, type FinalStay, type StayState } from './history.ts'

const num_clients = 16

export const model: Scenario = {
  id: 'B10',
  title: 'Random booking operations under random kills, checked against a model',
  seconds: { full: 72 },
  run: (size) => withTarget((target) => run(target, size)),
}

async function run(target: Target, size: Size) {
  const seed = seedFromEnv()
  const processes = [target.api, await target.serve({ MAX_LOOP_DELAY: 'off' })]
  const workload = await createWorkload(target, processes, seed, size === 'full' ? 60_000 : 15_000)
  const faults = injectFaults(target, processes, workload, createRandom(seed + 1))
  await Promise.all(Array.from({ length: num_clients }, () => runClient(workload)))
  const { kills, terminated } = await faults
  await waitUntilIdle(target)
  const { history } = workload.recorder
  const violations = check(history, await readFinalStays(target))
  const count = (outcome: string) => history.filter((one) => one.outcome === outcome).length
  for (const violation of violations.slice(0, 20)) process.stderr.write(`B10, SEED=${seed}: ${violation}\n`)
  return [
    exactly('violations of the model', violations.length, 0),
    injected('API processes killed', kills),
    injected('database sessions killed', terminated),
    injected('operations with unknown outcome', count('info')),
    injected('operations acknowledged', count('ok'), size === 'full' ? 1000 : 200),
    info('operations rejected', count('fail')),
    info('seed', seed),
  ]
}

async function createWorkload(
  target: Target,
  processes: readonly RoostProcess[],
  seed: number,
  ms: number,
): Promise<Workload> {
  const admin = target.as('admin')
  await admin.send('PATCH', 'agency', { holds_per_user: 100, hold_minutes: 1440 })
  const properties = [await target.newProperty(), await target.newProperty(), await target.newProperty()]
  const end = performance.now() + ms
  return {
    recorder: createRecorder(),
    properties,
    senders: (['admin', 'manager'] as const).flatMap((who) => processes.map(({ address }) => target.as(who, address))),
    known: [],
    random: createRandom(seed),
    is_over: () => performance.now() > end,
  }
}

/** Alternates between killing and restarting one API process and terminating some database sessions. */
async function injectFaults(
  { rows }: Target,
  processes: readonly RoostProcess[],
  { is_over }: Workload,
  random: () => number,
) {
  let kills = 0
  let terminated = 0
  while (!is_over()) {
    const victim = processes[Math.floor(random() * processes.length)]
    await victim?.kill()
    await victim?.start()
    kills += 1
    for (let round = 0; round < 10 && !is_over(); round += 1) {
      const [found] = await rows(
        `select count(pg_terminate_backend(pid))::int as n from (select pid from pg_stat_activity
         where datname = current_database() and usename = 'roost_test_api' and random() < 0.2 limit 3) victims`,
      )
      terminated += Number(found?.n)
      const next = performance.now() + 50 + random() * 100
      await until(() => performance.now() > next)
    }
  }
  return { kills, terminated }
}

/** Waits until the server has finished the transactions of killed processes. */
async function waitUntilIdle({ rows }: Target): Promise<void> {
  const active_sessions = `select 1 from pg_stat_activity where datname = current_database() and usename = 'roost_test_api'
    and (xact_start is not null or state = 'active')`
  await until(async () => (await rows(active_sessions)).length === 0)
}

/** A booking has the stay number in its notes, a hold in the id of its request: releasing a hold deletes its notes. */
async function readFinalStays({ rows }: Target): Promise<FinalStay[]> {
  const found = await rows(
    `select internal_notes::int as stay, property_id, check_in::text, check_out::text,
       case when deleted_at is not null then 'deleted' else status end as status
     from bookings where agency_id = $1 and internal_notes is not null
     union all
     select substring(l.request_id from 'hold-(.*)')::int, h.property_id, h.check_in::text, h.check_out::text,
       case when h.booking_id is not null then 'booked' when h.released_at is not null then 'released' else 'held' end
     from holds h join audit_log l on l.entity_id = h.id and l.action = 'hold.created'
     where h.agency_id = $1 and l.request_id like 'hold-%'`,
    [north],
  )
  return found.map(({ stay, ...state }) => ({ stay: Number(stay), state: state as unknown as StayState }))
}
