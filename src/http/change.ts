// How a route changes something: one transaction, its answer with it, and with an Idempotency-Key at most once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import type { Database } from '../core/database.ts'
import { IdempotencyKeyInvalidError } from '../core/errors.ts'
import { type Answer, answerOnce, fingerprintOf, type Once } from '../core/idempotency.ts'
import type { Tx } from '../core/transaction.ts'
import { envelope } from './error-envelope.ts'
import { etagOf, type Versioned } from './etag.ts'
import { hasSecret } from './secrets.ts'

export interface Change<T> {
  /** Of a success; 204 sends no body. */
  readonly status: 200 | 201 | 204
  /** The verb; what it returns is the body. */
  readonly work: (tx: Tx) => Promise<T>
  /** Where what was made can be read: /api/v1/bookings/… */
  readonly location?: (result: T) => string
}

/**
 * Carries the change out in one transaction of the caller's agency and answers. Every POST, PATCH and DELETE that acts in
 * an agency goes through here, so each of them takes an Idempotency-Key; a sweep of the tests sees to it.
 */
export async function change<T>(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, work, location }: Change<T>,
): Promise<undefined> {
  const key = keyOf(request.raw.rawHeaders)
  const perform = async (tx: Tx): Promise<Answer> => {
    const result = await work(tx)
    const body = status === 204 ? null : (reply.code(status).serialize(result) as string)
    return { status, body, headers: headersOf(result, body, location) }
  }
  const answer = await db.tenantTx(request.actor, (tx): Promise<Answer & Partial<Once>> => {
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
  })
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
