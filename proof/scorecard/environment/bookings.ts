// Clients that book with an Idempotency-Key and try again until they have an answer, as a careful client does; and what
// became of their bookings.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { aftermathIn } from '../../../test/races/aftermath.ts'
import { type Answer, createSender } from '../../../test/sender.ts'
import { type Check, exactly, told } from '../scenario.ts'
import type { Stage } from './environment.ts'
import { stopWithStage } from './loads.ts'
import { homes } from './seed.ts'

export interface KeyedOptions {
  /** Where to send the next request; asked each time, so that a load may be spread over processes. */
  readonly address: () => string
  readonly token: string
  readonly keys: number
  /** So many clients send each key at the same time (1). */
  readonly senders?: number
  /** So many keys are under way at once (16). */
  readonly at_once?: number
}

export interface KeyedLoad {
  /** How many keys have their final answers. */
  finished(): number
  /** Resolves when all of them have. */
  readonly done: Promise<void>
  /** What clients were told, by kind: '201', '503 DB_UNAVAILABLE', 'ECONNRESET'. */
  readonly told: Readonly<Record<string, number>>
  readonly bookings: readonly Asked[]
}

/** One key, and every final answer its clients got. */
interface Asked {
  readonly key: string
  readonly body: { readonly property_id: string; readonly check_in: string }
  readonly answers: Answer[]
}

/** No client waits longer than this for an answer, over all its tries. */
const patience_ms = 90_000

/**
 * Starts at once. Every second key asks for an inquiry, which takes no nights: only the key keeps it from being made
 * twice. The stays of the others are each on nights of their own.
 */
export function keyedBookings({ address, token, keys, senders = 1, at_once = 16 }: KeyedOptions): KeyedLoad {
  const outcomes: Record<string, number> = {}
  const bookings = Array.from({ length: keys }, (_, n) => ({
    key: randomUUID(),
    body: stay(n),
    answers: [] as Answer[],
  }))
  const clients = new Map<string, ReturnType<typeof createSender>>()
  let next = 0
  let finished = 0
  let is_over = false

  function clientTo(target: string) {
    const known = clients.get(target) ?? createSender(target, token)
    clients.set(target, known)
    return known
  }

  const count = (kind: string) => {
    outcomes[kind] = (outcomes[kind] ?? 0) + 1
  }

  async function insist({ key, body, answers }: Asked): Promise<void> {
    const began = performance.now()
    for (let attempt = 0; !is_over && performance.now() - began < patience_ms; attempt += 1) {
      try {
        const answer = await clientTo(address()).send('POST', 'bookings', body, { 'idempotency-key': key })
        count(`${answer.status} ${answer.code}`.trim())
        if (!isPassing(answer)) {
          answers.push(answer)
          return
        }
      } catch (error) {
        count((error as NodeJS.ErrnoException).code ?? (error as Error).message)
      }
      await delay(Math.random() * Math.min(1000, 50 * 2 ** attempt))
    }
  }

  async function work(): Promise<void> {
    for (let asked = bookings[next++]; asked !== undefined && !is_over; asked = bookings[next++]) {
      const one = asked
      await Promise.all(Array.from({ length: senders }, () => insist(one)))
      finished += 1
    }
  }

  const done = Promise.all(Array.from({ length: at_once }, work)).then(() => {
    for (const client of clients.values()) client.close()
  })
  stopWithStage(() => {
    is_over = true
  })
  return { finished: () => finished, done, told: outcomes, bookings }
}

/** The client contract: try these again, with the same key (docs/clients.md). */
function isPassing({ status, code }: Answer): boolean {
  return status === 503 || status === 429 || code === 'IDEMPOTENCY_IN_PROGRESS'
}

const first_day = Date.UTC(2031, 0, 1)

export const dayOf = (offset: number) => new Date(first_day + offset * 86_400_000).toISOString().slice(0, 10)

/** The n-th stay: two nights that no other n has, in one of the 300 homes. */
export function stay(n: number) {
  const { length } = homes.north
  const day = 3 * Math.floor(n / length)
  const status = n % 2 === 0 ? 'confirmed' : 'inquiry'
  return {
    property_id: homes.north[n % length]?.id ?? '',
    check_in: dayOf(day),
    check_out: dayOf(day + 2),
    num_adults: 2,
    status,
  }
}

/** The gates of every load with keys: nothing lost, nothing twice, one answer per key. */
export async function verdictOf(
  stage: Pick<Stage, 'owner'>,
  load: Pick<KeyedLoad, 'bookings' | 'told'>,
): Promise<Check[]> {
  const found = await bookingsIn(stage)
  let lost = 0
  let duplicates = 0
  let divergent = 0
  let unanswered = 0
  for (const { body, answers } of load.bookings) {
    const ids = found.get(`${body.property_id} ${body.check_in}`) ?? []
    const acknowledged = answers.filter(({ status }) => status === 201)
    lost += acknowledged.some((answer) => !ids.includes(String(answer.body.id))) ? 1 : 0
    duplicates += Math.max(0, ids.length - 1)
    divergent += new Set(answers.map(({ status, text }) => `${status} ${text}`)).size > 1 ? 1 : 0
    unanswered += acknowledged.length === 0 ? 1 : 0
  }
  const overlaps = Object.values(await aftermathIn(stage).overlaps()).reduce((sum: number, n) => sum + Number(n), 0)
  const wrong = await auditGap(stage)
  return [
    exactly('acknowledged bookings that are lost', lost, 0),
    exactly('bookings made twice', duplicates, 0),
    exactly('keys with two different answers', divergent, 0),
    exactly('keys without their booking in the end', unanswered, 0),
    exactly('nights taken twice, ledger rows that disagree', overlaps, 0),
    exactly('bookings without exactly one audit entry', wrong, 0),
    exactly('answers 500', load.told['500 INTERNAL_ERROR'] ?? 0, 0),
    told('what clients were told', describe(load.told)),
  ]
}

async function bookingsIn({ owner }: Pick<Stage, 'owner'>): Promise<Map<string, string[]>> {
  const { rows } = await owner.query(
    "select property_id || ' ' || check_in as place, array_agg(id::text) as ids from bookings group by property_id, check_in",
  )
  return new Map(rows.map(({ place, ids }) => [place as string, ids as string[]]))
}

async function auditGap({ owner }: Pick<Stage, 'owner'>): Promise<number> {
  const { rows } = await owner.query(`
    select count(*)::int as n from bookings b
    full join (select entity_id, count(*) from audit_log where action = 'booking.created' group by 1) a on a.entity_id = b.id
    where a.count is distinct from 1 or b.id is null`)
  return Number(rows[0]?.n)
}

/** `3000 x 201, 12 x 503 DB_UNAVAILABLE` */
export function describe(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return entries.map(([kind, n]) => `${n} x ${kind}`).join(', ')
}
