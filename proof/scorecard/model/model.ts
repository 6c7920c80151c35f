// B10: many clients change bookings at random while API processes and database sessions die; the history is checked.

import { randomOf } from '../../../src/commands/verify/overlap/counting.ts'
import { north } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import type { RoostProcess } from '../environment/roost-process.ts'
import { exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'
import { check } from './checker.ts'
import { type Crowd, client } from './clients.ts'
import { createRecorder, type FinalStay, type StayState } from './history.ts'

const clients = 16

export const model: Measure = {
  id: 'B10',
  title: 'Random bookings under random kills keep to the model',
  seconds: { full: 72 },
  run: (size) => onTarget((target) => judged(target, size)),
}

async function judged(target: Target, size: Size) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const processes = [target.api, await target.serve({ MAX_LOOP_DELAY: 'off' })]
  const crowd = await gather(target, processes, seed, size === 'full' ? 60_000 : 15_000)
  const faults = disturb(target, processes, crowd, randomOf(seed + 1))
  await Promise.all(Array.from({ length: clients }, () => client(crowd)))
  const { kills, cuts } = await faults
  await settled(target)
  const { history } = crowd.recorder
  const findings = check(history, await finalStays(target))
  const count = (outcome: string) => history.filter((one) => one.outcome === outcome).length
  for (const finding of findings.slice(0, 20)) process.stderr.write(`B10, SEED=${seed}: ${finding}\n`)
  return [
    exactly('findings of the checker', findings.length, 0),
    fired('API processes killed', kills),
    fired('database sessions killed', cuts),
    fired('changes without an answer', count('info')),
    fired('changes acknowledged', count('ok'), size === 'full' ? 1000 : 200),
    told('changes refused', count('fail')),
    told('seed', seed),
  ]
}

async function gather(target: Target, processes: readonly RoostProcess[], seed: number, ms: number): Promise<Crowd> {
  const admin = target.as('admin')
  await admin.send('PATCH', 'agency', { holds_per_user: 100, hold_minutes: 1440 })
  const homes = [await target.newHome(), await target.newHome(), await target.newHome()]
  const end = performance.now() + ms
  return {
    recorder: createRecorder(),
    homes,
    callers: (['admin', 'manager'] as const).flatMap((who) => processes.map(({ address }) => target.as(who, address))),
    known: [],
    random: randomOf(seed),
    is_over: () => performance.now() > end,
  }
}

/** In turn: a process dies and comes back while the others serve, then some sessions of the database. */
async function disturb({ rows }: Target, processes: readonly RoostProcess[], { is_over }: Crowd, random: () => number) {
  let kills = 0
  let cuts = 0
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
      cuts += Number(found?.n)
      const next = performance.now() + 50 + random() * 100
      await until(() => performance.now() > next)
    }
  }
  return { kills, cuts }
}

/** What a process that died had begun is rolled back or saved by the server, in its own time. */
async function settled({ rows }: Target): Promise<void> {
  const busy = `select 1 from pg_stat_activity where datname = current_database() and usename = 'roost_test_api'
    and (xact_start is not null or state = 'active')`
  await until(async () => (await rows(busy)).length === 0)
}

async function finalStays({ rows }: Target): Promise<FinalStay[]> {
  const found = await rows(
    `select internal_notes::int as stay, property_id, check_in::text, check_out::text,
       case when deleted_at is not null then 'deleted' else status end as status
     from bookings where agency_id = $1 and internal_notes is not null
     union all
     select notes::int, property_id, check_in::text, check_out::text,
       case when booking_id is not null then 'booked' when released_at is not null then 'released' else 'held' end
     from holds where agency_id = $1 and notes is not null`,
    [north],
  )
  return found.map(({ stay, ...state }) => ({ stay: Number(stay), state: state as unknown as StayState }))
}
