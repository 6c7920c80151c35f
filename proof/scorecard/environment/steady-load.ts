// A fixed request rate regardless of the answers, and what its clients observe.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { type Answer, createSender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import type { Size } from '../scenario.ts'
import { stay } from './keyed-bookings.ts'
import { stopWithEnvironment } from './loads.ts'
import { seededProperties } from './seed.ts'

export interface Observation {
  /** 0: no answer; `code` is the system error. */
  readonly status: number
  readonly code: string
  readonly is_write: boolean
  readonly has_retry_after: boolean
  /** Times of performance.now(), in milliseconds. */
  readonly began: number
  readonly ended: number
  /** The id of the created booking. */
  readonly id: string | undefined
}

export interface SteadyLoad {
  /** Completed requests in the order of completion. */
  readonly observations: readonly Observation[]
  /** Sends no more requests. Resolves with all observations when the last request has completed. */
  stop(): Promise<readonly Observation[]>
}

export interface SteadyOptions {
  readonly address: string
  readonly token: string
  /** Requests per second. */
  readonly rate: number
  /** Of four requests, this many create bookings; the others read (1). */
  readonly writes_of_four?: number
  /** Index of the first stay, for scenarios that have created bookings before (0). */
  readonly first_stay?: number
}

/** Starts immediately. Requests that are late because this process was busy are sent as soon as possible. */
export function startSteadyLoad({
  address,
  token,
  rate,
  writes_of_four = 1,
  first_stay = 0,
}: SteadyOptions): SteadyLoad {
  const sender = createSender(address, token)
  const observations: Observation[] = []
  const in_flight = new Set<Promise<void>>()
  const began = performance.now()
  let sent = 0
  let booked = 0

  function sendNext(n: number): Promise<Observation> {
    if (n % 4 >= writes_of_four) return observe(false, () => sender.send('GET', pathOf(n)))
    const body = stay(first_stay + 2 * booked++)
    return observe(true, () => sender.send('POST', 'bookings', body, { 'idempotency-key': randomUUID() }))
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    while (sent < due) {
      const one = sendNext(sent++).then((observation) => {
        observations.push(observation)
        in_flight.delete(one)
      })
      in_flight.add(one)
    }
  }, 5)

  stopWithEnvironment(() => clearInterval(timer))
  return {
    observations,
    async stop() {
      clearInterval(timer)
      await Promise.all(in_flight)
      sender.close()
      return observations
    },
  }
}

/** Sends one request and records its result. Never rejects. */
export async function observe(is_write: boolean, send: () => Promise<Answer>): Promise<Observation> {
  const began = performance.now()
  try {
    const { status, code, headers, body } = await send()
    const id = status === 201 ? String(body.id) : undefined
    const has_retry_after = headers['retry-after'] !== undefined
    return { status, code, is_write, has_retry_after, id, began, ended: performance.now() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const no_answer = { status: 0, code: code ?? message, has_retry_after: false, id: undefined }
    return { ...no_answer, is_write, began, ended: performance.now() }
  }
}

/** Above this p99 before any fault, the machine is too slow to check times. */
const max_baseline_p99_ms = 500

/**
 * Waits up to 15 s until the p99 of the last 300 requests is below 50 ms, so that a scenario does not start with a cold
 * process. Returns that p99 in ms. In the full size, throws when the machine is too slow for this load.
 */
export async function waitUntilSteady({ observations }: SteadyLoad, size: Size = 'full'): Promise<number> {
  const p99 = () => percentile(durationsOf(observations.slice(-300)), 0.99)
  await until(() => observations.length >= 300 && p99() < 50, 15_000).catch(() => {})
  if (p99() < max_baseline_p99_ms || size === 'quick') return p99()
  throw new Error(
    `the machine is too busy: p99 was ${Math.round(p99())} ms, and ${observations.filter((one) => !isSuccess(one)).length} of ${observations.length} requests failed before any fault was injected. Run the scenario again on an idle machine`,
  )
}

function pathOf(n: number): string {
  const property_id = seededProperties.north[n % seededProperties.north.length]?.id
  return n % 4 === 1 ? 'bookings?limit=20' : `properties/${property_id}`
}

export const durationsOf = (observations: readonly Observation[]) =>
  observations.map(({ began, ended }) => ended - began)
export const isSuccess = ({ status }: Observation) => status >= 200 && status < 300

/** Counts by kind, for formatCounts(). */
export function countByKind(observations: readonly Pick<Observation, 'status' | 'code'>[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const { status, code } of observations) {
    const kind = status === 0 ? code : `${status} ${code}`.trim()
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}
