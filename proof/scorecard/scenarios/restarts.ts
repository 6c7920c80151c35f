// S8, S9: PostgreSQL restarts, by fast or by immediate shutdown, under 200 requests per second.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import {
  countByKind,
  isSuccess,
  type Observation,
  startSteadyLoad,
  waitUntilSteady,
} from '../environment/steady-load.ts'
import { atLeast, atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

export const fastRestarts: Scenario = {
  id: 'S8',
  title: 'PostgreSQL restarted under 200 requests per second',
  seconds: { full: 75, quick: 20 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const { checks, observations, recovery_ms } = await restartUnderLoad(environment, size, () =>
        environment.cluster.stopFast(),
      )
      const share = (100 * observations.filter(isSuccess).length) / observations.length
      const failed_reads = observations.filter((one) => !one.is_write && !isSuccess(one)).length
      return [
        ...checks,
        atLeast('requests that succeeded', share, 99, ' %'),
        atMost('slowest recovery', recovery_ms, 2000, ' ms'),
        info('failed reads', failed_reads),
      ]
    }),
}

export const crashes: Scenario = {
  id: 'S9',
  title: 'PostgreSQL crashes (immediate shutdown) under 200 requests per second',
  seconds: { full: 75 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const { checks, recovery_ms } = await restartUnderLoad(environment, size, () =>
        environment.cluster.stopImmediate(),
      )
      return [...checks, atMost('slowest recovery', recovery_ms, 3000, ' ms')]
    }),
}

async function restartUnderLoad(environment: Environment, size: Size, stop: () => Promise<void>) {
  // Several rounds, because a pause of the machine can distort one.
  const rounds = size === 'full' ? 10 : 3
  const api = await environment.serve()
  const load = startSteadyLoad({ address: api.address, token: await environment.token('staff'), rate: 200 })
  const baseline_p99_ms = await waitUntilSteady(load, size)
  const recoveries: number[] = []
  const downtimes: number[] = []
  const starts = new Set<unknown>([await startedAt(environment)])
  for (let round = 0; round < rounds; round += 1) {
    const down = performance.now()
    await stop()
    await environment.cluster.start()
    downtimes.push(performance.now() - down)
    const up = performance.now()
    starts.add(await startedAt(environment))
    await until(() => load.observations.some((one) => one.began > up && isSuccess(one)))
    await waitUntilRecovered(load.observations, up)
    recoveries.push(lastFailure(load.observations, up) - up)
    await delay(size === 'full' ? 2500 : 1500)
  }
  const observations = await load.stop()
  return {
    observations,
    recovery_ms: Math.max(...recoveries),
    checks: [
      injected('restarts', starts.size - 1, rounds),
      ...(await checksOf(environment, observations, rounds)),
      info('longest downtime of PostgreSQL, ms', Math.max(...downtimes)),
      info('p99 before the first restart, ms', baseline_p99_ms),
    ],
  }
}

async function startedAt({ owner }: Environment): Promise<unknown> {
  const { rows } = await owner.query('select pg_postmaster_start_time()::text as at')
  return rows[0]?.at
}

/** Waits for 20 consecutive successes. */
async function waitUntilRecovered(observations: readonly Observation[], since: number): Promise<void> {
  await until(() => {
    const last = observations.slice(-20)
    return last.every((one) => isSuccess(one) && one.ended > since)
  })
}

/** When the last failed request ended; `since` when none failed. */
const lastFailure = (observations: readonly Observation[], since: number) =>
  Math.max(since, ...observations.filter((one) => !isSuccess(one) && one.ended > since).map(({ ended }) => ended))

async function checksOf(
  environment: Environment,
  observations: readonly Observation[],
  rounds: number,
): Promise<Check[]> {
  const failed = observations.filter((one) => !isSuccess(one))
  const { rows } = await environment.owner.query('select id::text from bookings')
  const existing = new Set(rows.map(({ id }) => id))
  return [
    injected('requests that failed or were slow', failed.length + countSlow(observations), rounds),
    exactly('answers other than 2xx and 503', failed.filter(({ status }) => status !== 503).length, 0),
    exactly('503 without Retry-After', failed.filter((one) => one.status === 503 && !one.has_retry_after).length, 0),
    exactly(
      'acknowledged bookings missing from the database',
      observations.filter(({ id }) => id !== undefined && !existing.has(id)).length,
      0,
    ),
    info('answers by kind', formatCounts(countByKind(observations))),
  ]
}

/** Successes that waited for the database to restart. */
const countSlow = (observations: readonly Observation[]) =>
  observations.filter(({ began, ended }) => ended - began > 100).length
