// S8, S9: the database restarts, in order or by crashing, under 200 requests a second.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { describe } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { isGood, kindsOf, type Seen, settled, steadyLoad } from '../environment/steady.ts'
import { atLeast, atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

export const fastRestarts: Measure = {
  id: 'S8',
  title: 'PostgreSQL restarted under 200 requests a second',
  seconds: { full: 75, quick: 20 },
  run: (size) =>
    withStage(async (stage) => {
      const { checks, seen, recovery_ms } = await restartUnderLoad(stage, size, () => stage.cluster.stopFast())
      const share = (100 * seen.filter(isGood).length) / seen.length
      const failed_reads = seen.filter((one) => !one.is_write && !isGood(one)).length
      return [
        ...checks,
        atLeast('requests that succeed', share, 99, ' %'),
        atMost('slowest recovery', recovery_ms, 2000, ' ms'),
        told('failed reads', failed_reads),
      ]
    }),
}

export const crashes: Measure = {
  id: 'S9',
  title: 'PostgreSQL crashes (immediate shutdown) under 200 requests a second',
  seconds: { full: 75 },
  run: (size) =>
    withStage(async (stage) => {
      const { checks, recovery_ms } = await restartUnderLoad(stage, size, () => stage.cluster.stopImmediate())
      return [...checks, atMost('slowest recovery', recovery_ms, 3000, ' ms')]
    }),
}

async function restartUnderLoad(stage: Stage, size: Size, stop: () => Promise<void>) {
  // A machine that stands still for a moment makes one of them say little.
  const rounds = size === 'full' ? 10 : 3
  const api = await stage.serve()
  const load = steadyLoad({ address: api.address, token: await stage.token('staff'), rate: 200 })
  const calm_ms = await settled(load, size)
  const recoveries: number[] = []
  const away: number[] = []
  const starts = new Set<unknown>([await startedAt(stage)])
  for (let round = 0; round < rounds; round += 1) {
    const down = performance.now()
    await stop()
    await stage.cluster.start()
    away.push(performance.now() - down)
    const up = performance.now()
    starts.add(await startedAt(stage))
    await until(() => load.seen.some((one) => one.began > up && isGood(one)))
    await untilWell(load.seen, up)
    recoveries.push(lastFailure(load.seen, up) - up)
    await delay(size === 'full' ? 2500 : 1500)
  }
  const seen = await load.stop()
  return {
    seen,
    recovery_ms: Math.max(...recoveries),
    checks: [
      fired('restarts', starts.size - 1, rounds),
      ...(await checksOf(stage, seen, rounds)),
      told('PostgreSQL itself away at most, ms', Math.max(...away)),
      told('p99 before the first of them, ms', calm_ms),
    ],
  }
}

async function startedAt({ owner }: Stage): Promise<unknown> {
  const { rows } = await owner.query('select pg_postmaster_start_time()::text as at')
  return rows[0]?.at
}

/** Twenty successes in a row. */
async function untilWell(seen: readonly Seen[], since: number): Promise<void> {
  await until(() => {
    const last = seen.slice(-20)
    return last.every((one) => isGood(one) && one.ended > since)
  })
}

/** When the last request ended that the outage failed; `since` when none did. */
const lastFailure = (seen: readonly Seen[], since: number) =>
  Math.max(since, ...seen.filter((one) => !isGood(one) && one.ended > since).map(({ ended }) => ended))

async function checksOf(stage: Stage, seen: readonly Seen[], rounds: number): Promise<Check[]> {
  const failed = seen.filter((one) => !isGood(one))
  const { rows } = await stage.owner.query('select id::text from bookings')
  const kept = new Set(rows.map(({ id }) => id))
  return [
    fired('requests that felt them', failed.length + slow(seen), rounds),
    exactly('answers that are neither a success nor 503', failed.filter(({ status }) => status !== 503).length, 0),
    exactly('503 without Retry-After', failed.filter((one) => one.status === 503 && !one.has_retry_after).length, 0),
    exactly(
      'acknowledged bookings that are lost',
      seen.filter(({ id }) => id !== undefined && !kept.has(id)).length,
      0,
    ),
    told('what clients were told', describe(kindsOf(seen))),
  ]
}

/** Successes that had to wait for the database to come back. */
const slow = (seen: readonly Seen[]) => seen.filter(({ began, ended }) => ended - began > 100).length
