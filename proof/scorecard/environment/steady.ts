// So many requests a second whatever the answers: what clients see of an outage, and for how long.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { type Answer, createSender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import type { Size } from '../scenario.ts'
import { stay } from './bookings.ts'
import { stopWithStage } from './loads.ts'
import { homes } from './seed.ts'

export interface Seen {
  /** 0: no answer at all, `code` has the system's error. */
  readonly status: number
  readonly code: string
  readonly is_write: boolean
  readonly has_retry_after: boolean
  /** Milliseconds of performance.now(). */
  readonly began: number
  readonly ended: number
  /** Of a booking that was made. */
  readonly id: string | undefined
}

export interface SteadyLoad {
  /** What has come back so far, in the order of the answers. */
  readonly seen: readonly Seen[]
  /** No new requests; resolves with everything when the last answer is there. */
  stop(): Promise<readonly Seen[]>
}

export interface SteadyOptions {
  readonly address: string
  readonly token: string
  /** Requests a second. */
  readonly rate: number
  /** How many of four requests are bookings, the others read (1). */
  readonly writes_of_four?: number
  /** Where its stays begin, for a measure that has booked before (0). */
  readonly first_stay?: number
}

/** Starts at once; requests go out at their times, those that the process was too busy for directly afterwards. */
export function steadyLoad({ address, token, rate, writes_of_four = 1, first_stay = 0 }: SteadyOptions): SteadyLoad {
  const sender = createSender(address, token)
  const seen: Seen[] = []
  const under_way = new Set<Promise<void>>()
  const began = performance.now()
  let sent = 0
  let booked = 0

  function ask(n: number): Promise<Seen> {
    if (n % 4 >= writes_of_four) return see(false, () => sender.send('GET', pathOf(n)))
    const body = stay(first_stay + 2 * booked++)
    return see(true, () => sender.send('POST', 'bookings', body, { 'idempotency-key': randomUUID() }))
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    while (sent < due) {
      const one = ask(sent++).then((seen_now) => {
        seen.push(seen_now)
        under_way.delete(one)
      })
      under_way.add(one)
    }
  }, 5)

  stopWithStage(() => clearInterval(timer))
  return {
    seen,
    async stop() {
      clearInterval(timer)
      await Promise.all(under_way)
      sender.close()
      return seen
    },
  }
}

/** One request as its client sees it. Never rejects. */
export async function see(is_write: boolean, send: () => Promise<Answer>): Promise<Seen> {
  const began = performance.now()
  try {
    const { status, code, headers, body } = await send()
    const id = status === 201 ? String(body.id) : undefined
    const has_retry_after = headers['retry-after'] !== undefined
    return { status, code, is_write, has_retry_after, id, began, ended: performance.now() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const nothing = { status: 0, code: code ?? message, has_retry_after: false, id: undefined }
    return { ...nothing, is_write, began, ended: performance.now() }
  }
}

/** A machine that needs longer than this with nothing broken says nothing about times. */
const busy_ms = 500

/**
 * Waits until the last 300 answers were quick, so that a measure does not begin with a cold process; for at most 15 s.
 * Returns their p99 in ms: what the machine makes of this load before anything is broken. In full size, which judges
 * times, throws when the machine cannot carry it.
 */
export async function settled({ seen }: SteadyLoad, size: Size = 'full'): Promise<number> {
  const p99 = () => percentile(timesOf(seen.slice(-300)), 0.99)
  await until(() => seen.length >= 300 && p99() < 50, 15_000).catch(() => {})
  if (p99() < busy_ms || size === 'quick') return p99()
  throw new Error(
    `this machine is too busy to tell: p99 was ${Math.round(p99())} ms, and ${seen.filter((one) => !isGood(one)).length} of ${seen.length} requests failed, before anything was broken. Run the line again when it is quiet`,
  )
}

function pathOf(n: number): string {
  const home = homes.north[n % homes.north.length]?.id
  return n % 4 === 1 ? 'bookings?limit=20' : `properties/${home}`
}

export const timesOf = (seen: readonly Seen[]) => seen.map(({ began, ended }) => ended - began)
export const isGood = ({ status }: Seen) => status >= 200 && status < 300

/** By kind, as describe() takes it. */
export function kindsOf(seen: readonly Pick<Seen, 'status' | 'code'>[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const { status, code } of seen) {
    const kind = status === 0 ? code : `${status} ${code}`.trim()
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}
