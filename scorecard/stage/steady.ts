// So many requests a second whatever the answers: what clients see of an outage, and for how long.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createSender } from '../../test/sender.ts'
import { stay } from './bookings.ts'
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
}

/** Starts at once; requests go out at their times, those that the process was too busy for directly afterwards. */
export function steadyLoad({ address, token, rate, writes_of_four = 1 }: SteadyOptions): SteadyLoad {
  const sender = createSender(address, token)
  const seen: Seen[] = []
  const under_way = new Set<Promise<void>>()
  const began = performance.now()
  let sent = 0
  let booked = 0

  async function ask(n: number): Promise<void> {
    const is_write = n % 4 < writes_of_four
    const start = performance.now()
    try {
      const answer = is_write
        ? await sender.send('POST', 'bookings', stay(2 * booked++), { 'idempotency-key': randomUUID() })
        : await sender.send('GET', pathOf(n))
      const { status, code, headers } = answer
      const id = status === 201 ? String(answer.body.id) : undefined
      const has_retry_after = headers['retry-after'] !== undefined
      seen.push({ status, code, is_write, has_retry_after, began: start, ended: performance.now(), id })
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      seen.push({
        status: 0,
        code,
        is_write,
        has_retry_after: false,
        began: start,
        ended: performance.now(),
        id: undefined,
      })
    }
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    while (sent < due) {
      const one = ask(sent++).finally(() => under_way.delete(one))
      under_way.add(one)
    }
  }, 5)

  return {
    seen,
    async stop() {
      clearInterval(timer)
      await Promise.all(under_way)
      sender.close()
      await delay(0)
      return seen
    },
  }
}

function pathOf(n: number): string {
  const home = homes.north[n % homes.north.length]?.id
  return n % 4 === 1 ? 'bookings?limit=20' : `properties/${home}`
}

export const timesOf = (seen: readonly Seen[]) => seen.map(({ began, ended }) => ended - began)
export const isGood = ({ status }: Seen) => status >= 200 && status < 300

/** By kind, as describe() takes it. */
export function kindsOf(seen: readonly Seen[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const { status, code } of seen) {
    const kind = status === 0 ? code : `${status} ${code}`.trim()
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}
