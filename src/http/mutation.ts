// Runs a mutation: one transaction with its response, and at most once with an Idempotency-Key.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import type { Actor } from '../core/auth/actors.ts'
import { countRefusal } from '../core/counters.ts'
import { IdempotencyKeyInvalidError } from '../core/errors.ts'
import {
  executeOnce,
  fingerprintOf,
  type IdempotentResponse,
  type KeyedRequest,
  type RequestParts,
  type StoredResponse,
} from '../core/idempotency.ts'
import { createLimiter } from '../core/limiter.ts'
import type { Database } from '../core/postgres/database.ts'
import type { Tx } from '../core/postgres/transaction.ts'
import { TxContentionError } from '../core/server-errors.ts'
import { envelope } from './error-envelope.ts'
import { etagOf, type Versioned } from './etag.ts'
import { hasSecret } from './secrets.ts'

export interface Mutation<Request, T> {
  /** The status of a success; 204 has no body. */
  readonly status: 200 | 201 | 204
  /** Ids of properties, bookings or users: at most two mutations of each run at once, the others wait in FIFO order. */
  readonly queue?: (request: Request) => readonly string[]
  /** Makes the change; its result is the body. */
  readonly work: (tx: Tx, request: Request) => Promise<T>
  /** The URL of the created record: /api/v1/bookings/… */
  readonly location?: (result: T) => string
}

const max_wait_ms = 4000

/** Mutations wait here without a connection, so many requests for one property do not block others (docs/adr/0005). */
const queues = createLimiter({
  concurrency: 2,
  maxWaiting: 250,
  maxWaitingTotal: 2000,
  maxWait_ms: max_wait_ms,
  refuse: () => {
    countRefusal('property_queue')
    return new TxContentionError()
  },
})

/** Runs `work` when all of these queues of the agency have room. Waits at most `max_wait_ms` in total. */
function inQueues<T>({ agency_id, request }: Actor, ids: readonly string[], work: () => Promise<T>): Promise<T> {
  const entry = { signal: request?.signal, deadline: performance.now() + max_wait_ms }
  return ids.reduceRight<() => Promise<T>>(
    (next, id) => () => queues.run(`${agency_id}/${id.toLowerCase()}`, entry, next),
    work,
  )()
}

/**
 * A handler that makes the change in one transaction of the caller's agency and sends the response. Every POST, PATCH and DELETE
 * of an agency uses it and therefore supports the Idempotency-Key; test/sweeps checks this.
 */
export function createMutation<Request extends FastifyRequest, T>(
  db: Database,
  { status, queue, work, location }: Mutation<Request, T>,
): (request: Request, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const { actor, id } = request
    const key = keyOf(request.raw.rawHeaders)
    const execute = async (tx: Tx): Promise<StoredResponse> => {
      const result = await work(tx, request)
      const body = status === 204 ? null : (reply.code(status).serialize(result) as string)
      return { status, body, headers: headersOf(result, body, location) }
    }
    const began_at = performance.now()
    const toResponse = (error: AppError) => errorResponse(error, id)
    const run = (): Promise<StoredResponse & Partial<IdempotentResponse>> =>
      key === undefined
        ? db.tenantTx(actor, execute, began_at)
        : executeOnce(keyedRequest(request, key), { db, actor, began_at, work: execute, toResponse })
    return send(reply, await inQueues(actor, queue?.(request) ?? [], run))
  }
}

function keyedRequest(request: FastifyRequest, key: string): KeyedRequest {
  const { method, params, query, body, routeOptions, headers } = request
  const schemas = (routeOptions.schema ?? {}) as NonNullable<RequestParts['schemas']>
  const parts = { method, params, query, body, schemas, route: routeOptions.url ?? '', if_match: headers['if-match'] }
  return {
    key,
    fingerprint: fingerprintOf(parts),
    path_ids: JSON.stringify(params),
    has_secret: hasSecret(routeOptions.schema?.response),
  }
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

function errorResponse(error: AppError, request_id: string): StoredResponse {
  return { status: error.status, headers: error.headers, body: JSON.stringify(envelope(error, request_id)) }
}

function send(
  reply: FastifyReply,
  { status, headers, body, is_replay }: StoredResponse & Partial<IdempotentResponse>,
): FastifyReply {
  reply.code(status).headers(headers)
  if (is_replay) reply.header('idempotency-replayed', 'true')
  if (body !== null) reply.type('application/json; charset=utf-8')
  return reply.send(body ?? undefined)
}

const quoted_key = /^"([\x21\x23-\x5b\x5d-\x7e]{1,255})"$/
const bare_key = /^[\x21\x23-\x7e]{1,255}$/

/** The Idempotency-Key, quoted as in the IETF draft or unquoted. Throws IdempotencyKeyInvalidError. */
function keyOf(rawHeaders: readonly string[]): string | undefined {
  const isKey = (_: string, i: number) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'idempotency-key'
  const [value, second] = rawHeaders.filter(isKey)
  if (value === undefined) return undefined
  const key = quoted_key.exec(value)?.[1] ?? bare_key.exec(value)?.[0]
  if (key === undefined || second !== undefined) throw new IdempotencyKeyInvalidError()
  return key
}
