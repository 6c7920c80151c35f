// Clients that create bookings with an Idempotency-Key and retry, and the checks of what they created.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { consistencyChecks } from '../../../test/races/consistency.ts'
import { type Answer, createSender } from '../../../test/sender.ts'
import { type Check, exactly, info } from '../scenario.ts'
import type { Environment } from './environment.ts'
import { stopWithEnvironment } from './loads.ts'
import { seededProperties } from './seed.ts'

export interface KeyedOptions {
  /** Called for every request, so that a load can be spread over several processes. */
  readonly address: () => string
  readonly token: string
  readonly keys: number
  /** Clients that send each key at the same time (1). */
  readonly senders?: number
  /** Keys in progress at the same time (16). */
  readonly concurrency?: number
}

export interface KeyedLoad {
  /** Number of keys with final answers. */
  finished(): number
  /** Resolves when all keys have final answers. */
  readonly done: Promise<void>
  /** Number of answers by kind: '201', '503 DB_UNAVAILABLE', 'ECONNRESET'. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly bookings: readonly KeyedBooking[]
}

/** One key and the final answers of its clients. */
interface KeyedBooking {
  readonly key: string
  readonly body: { readonly property_id: string; readonly check_in: string }
  readonly answers: Answer[]
}

/** A client stops retrying after this time. */
const retry_limit_ms = 90_000

/**
 * Starts immediately. Every second key creates an inquiry, which occupies no nights, so that only the key prevents a
 * duplicate. The other stays do not overlap.
 */
export function startKeyedBookings({ address, token, keys, senders = 1, concurrency = 16 }: KeyedOptions): KeyedLoad {
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
    const sender = clients.get(target) ?? createSender(target, token)
    clients.set(target, sender)
    return sender
  }

  const count = (kind: string) => {
    outcomes[kind] = (outcomes[kind] ?? 0) + 1
  }

  async function sendUntilFinal({ key, body, answers }: KeyedBooking): Promise<void> {
    const began = performance.now()
    for (let attempt = 0; !is_over && performance.now() - began < retry_limit_ms; attempt += 1) {
      try {
        const answer = await clientTo(address()).send('POST', 'bookings', body, { 'idempotency-key': key })
        count(`${answer.status} ${answer.code}`.trim())
        if (!isRetryable(answer)) {
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
    for (let current = bookings[next++]; current !== undefined && !is_over; current = bookings[next++]) {
      const booking = current
      await Promise.all(Array.from({ length: senders }, () => sendUntilFinal(booking)))
      finished += 1
    }
  }

  const done = Promise.all(Array.from({ length: concurrency }, work)).then(() => {
    for (const client of clients.values()) client.close()
  })
  stopWithEnvironment(() => {
    is_over = true
  })
  return { finished: () => finished, done, outcomes, bookings }
}

/** Answers that clients retry with the same key (docs/clients.md). */
function isRetryable({ status, code }: Answer): boolean {
  return status === 503 || status === 429 || code === 'IDEMPOTENCY_IN_PROGRESS'
}

const first_day = Date.UTC(2031, 0, 1)

const dayOf = (offset: number) => new Date(first_day + offset * 86_400_000).toISOString().slice(0, 10)

/** The n-th stay: two nights in one of the seeded properties that no other n uses. */
export function stay(n: number) {
  const { length } = seededProperties.north
  const day = 3 * Math.floor(n / length)
  const status = n % 2 === 0 ? 'confirmed' : 'inquiry'
  return {
    property_id: seededProperties.north[n % length]?.id ?? '',
    check_in: dayOf(day),
    check_out: dayOf(day + 2),
    num_adults: 2,
    status,
  }
}

/** Checks that no booking is lost or duplicated and that every key has exactly one answer. */
export async function checkBookings(
  environment: Pick<Environment, 'owner'>,
  load: Pick<KeyedLoad, 'bookings' | 'outcomes'>,
): Promise<Check[]> {
  const ids_by_stay = await findBookingIds(environment)
  let lost = 0
  let duplicates = 0
  let divergent = 0
  let unanswered = 0
  for (const { body, answers } of load.bookings) {
    const ids = ids_by_stay.get(`${body.property_id} ${body.check_in}`) ?? []
    const acknowledged = answers.filter(({ status }) => status === 201)
    lost += acknowledged.some((answer) => !ids.includes(String(answer.body.id))) ? 1 : 0
    duplicates += Math.max(0, ids.length - 1)
    divergent += new Set(answers.map(({ status, text }) => `${status} ${text}`)).size > 1 ? 1 : 0
    unanswered += acknowledged.length === 0 ? 1 : 0
  }
  const overlaps = Object.values(await consistencyChecks(environment).overlaps()).reduce(
    (sum: number, n) => sum + Number(n),
    0,
  )
  const wrong_audit = await countAuditMismatches(environment)
  return [
    exactly('acknowledged bookings missing from the database', lost, 0),
    exactly('duplicate bookings', duplicates, 0),
    exactly('keys with different answers', divergent, 0),
    exactly('keys never answered 201', unanswered, 0),
    exactly('overlapping nights, inconsistent ledger rows', overlaps, 0),
    exactly('bookings without exactly one audit entry', wrong_audit, 0),
    exactly('answers 500', load.outcomes['500 INTERNAL_ERROR'] ?? 0, 0),
    info('answers by kind', formatCounts(load.outcomes)),
  ]
}

async function findBookingIds({ owner }: Pick<Environment, 'owner'>): Promise<Map<string, string[]>> {
  const { rows } = await owner.query(
    "select property_id || ' ' || check_in as place, array_agg(id::text) as ids from bookings group by property_id, check_in",
  )
  return new Map(rows.map(({ place, ids }) => [place as string, ids as string[]]))
}

async function countAuditMismatches({ owner }: Pick<Environment, 'owner'>): Promise<number> {
  const { rows } = await owner.query(`
    select count(*)::int as n from bookings b
    full join (select entity_id, count(*) from audit_log where action = 'booking.created' group by 1) a on a.entity_id = b.id
    where a.count is distinct from 1 or b.id is null`)
  return Number(rows[0]?.n)
}

/** For example `3000 x 201, 12 x 503 DB_UNAVAILABLE`. */
export function formatCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return entries.map(([kind, n]) => `${n} x ${kind}`).join(', ')
}
