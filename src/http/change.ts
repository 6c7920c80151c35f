// How a route changes something: one transaction, its answer with it, and with an Idempotency-Key at most once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import type { Actor } from '../core/auth/permissions.ts'
import { IdempotencyKeyInvalidError } from '../core/errors.ts'
import { type Answer, answerOnce, fingerprintOf, type Once } from '../core/idempotency.ts'
import { createLimiter } from '../core/limiter.ts'
import type { Database } from '../core/postgres/database.ts'
import type { Tx } from '../core/postgres/transaction.ts'
import { TxContentionError } from '../core/server-errors.ts'
import { envelope } from './error-envelope.ts'
import { etagOf, type Versioned } from './etag.ts'
import { hasSecret } from './secrets.ts'

export interface Change<T> {
  /** Of a success; 204 sends no body. */
  readonly status: 200 | 201 | 204
  /** Ids of properties, bookings or people: at most two changes of the same one run at once, the others wait in order. */
  readonly queue?: readonly string[]
  /** The verb; what it returns is the body. */
  readonly work: (tx: Tx) => Promise<T>
  /** Where what was made can be read: /api/v1/bookings/… */
  readonly location?: (result: T) => string
}

const longest_wait_ms = 4000

/** Changes that wait here hold no connection, so many clients of one property do not stop the rest (docs/adr/0005). */
const queues = createLimiter({
  concurrency: 2,
  maxWaiting: 250,
  maxWaitingTotal: 2000,
  maxWait_ms: longest_wait_ms,
  refuse: () => new TxContentionError(),
})

/** Runs `work` when it is the request's turn in each of these queues of its agency, after `longest_wait_ms` in all at most. */
function inQueues<T>({ agency_id, request }: Actor, ids: readonly string[], work: () => Promise<T>): Promise<T> {
  const entry = { signal: request?.signal, deadline: performance.now() + longest_wait_ms }
  return ids.reduceRight<() => Promise<T>>(
    (next, id) => () => queues.run(`${agency_id}/${id.toLowerCase()}`, entry, next),
    work,
  )()
}

/**
 * Carries the change out in one transaction of the caller's agency and answers. Every POST, PATCH and DELETE that acts in
 * an agency goes through here, so each of them takes an Idempotency-Key; a sweep of the tests sees to it.
 */
export async function change<T>(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, queue = [], work, location }: Change<T>,
): Promise<undefined> {
  const key = keyOf(request.raw.rawHeaders)
  const perform = async (tx: Tx): Promise<Answer> => {
    const result = await work(tx)
    const body = status === 204 ? null : (reply.code(status).serialize(result) as string)
    return { status, body, headers: headersOf(result, body, location) }
  }
  const answerIn = (tx: Tx): Promise<Answer & Partial<Once>> => {
    if (key === undefined) return perform(tx)
    const { method, params, query, body, routeOptions, headers, id } = request
    const parts = { method, params, query, body, route: routeOptions.url ?? '', if_match: headers['if-match'] }
    const has_secret = hasSecret(routeOptions.schema?.response)
    const keyed = { key, fingerprint: fingerprintOf(parts), about: JSON.stringify(params), has_secret }
    return answerOnce(
      tx,
      keyed,
      () => perform(tx),
      (refusal) => refused(refusal, id),
    )
  }
  const began_at = performance.now()
  const answer = await inQueues(request.actor, queue, () => db.tenantTx(request.actor, answerIn, began_at))
  return send(reply, answer)
}

function headersOf<T>(
  result: T,
  body: string | null,
  location: ((result: T) => string) | undefined,
): Record<string, string> {
  const has_version = body !== null && typeof (result as Versioned | undefined)?.version === 'number'
  return {
    ...(location !== undefined && { location: location(result) }),
    ...(has_version && { etag: etagOf(result as Versioned, body) }),
  }
}

function refused(refusal: AppError, request_id: string): Answer {
  return { status: refusal.status, headers: refusal.headers, body: JSON.stringify(envelope(refusal, request_id)) }
}

/** Fastify waits for a reply that is returned; its types only know of payloads. */
function send(reply: FastifyReply, { status, headers, body, is_replay }: Answer & Partial<Once>): undefined {
  reply.code(status).headers(headers)
  if (is_replay) reply.header('idempotency-replayed', 'true')
  if (body !== null) reply.type('application/json; charset=utf-8')
  return reply.send(body ?? undefined) as unknown as undefined
}

const quoted = /^"([\x21\x23-\x5b\x5d-\x7e]{1,255})"$/
const bare = /^[\x21\x23-\x7e]{1,255}$/

/** The one Idempotency-Key, quoted as in the IETF draft or bare as in practice. Throws IdempotencyKeyInvalidError. */
export function keyOf(rawHeaders: readonly string[]): string | undefined {
  const isOurs = (_: string, i: number) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'idempotency-key'
  const [value, second] = rawHeaders.filter(isOurs)
  if (value === undefined) return undefined
  const key = quoted.exec(value)?.[1] ?? bare.exec(value)?.[0]
  if (key === undefined || second !== undefined) throw new IdempotencyKeyInvalidError()
  return key
}
