// Idempotency-Key: stores a response in the transaction of its request, replays it (docs/adr/0011).
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import sql, { type Sql } from 'sql-template-tag'
import { AppError } from './app-error.ts'
import type { Actor } from './auth/actors.ts'
import { activity } from './counters.ts'
import { IdempotencyAnswerWithheldError, IdempotencyInProgressError, IdempotencyKeyReusedError } from './errors.ts'
import type { Database } from './postgres/database.ts'
import { isSqlstate } from './postgres/database-errors.ts'
import type { Tx } from './postgres/transaction.ts'
import { type MeaningSchema, meaningOf } from './request-meaning.ts'

/** A response as it is stored. The body is stored as bytes, so a replay is identical. */
export interface StoredResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** A request with an Idempotency-Key. */
export interface KeyedRequest {
  /** 1 to 255 visible ASCII characters, chosen by the client. Unique per agency and user. */
  readonly key: string
  /** SHA-256 of the request: see fingerprintOf. */
  readonly fingerprint: Buffer
  /** A text with every id of the path. The response is about these records and those whose ids it contains. */
  readonly path_ids: string
  /** Whether a success contains a secret that is shown once. Its body is not stored then. */
  readonly has_secret: boolean
}

export interface IdempotentResponse extends StoredResponse {
  readonly is_replay: boolean
}

/** Statuses of errors that are stored: they depend on the data. After other errors the key can be used again. */
export const stored_statuses = [404, 409, 412, 422]

/** The transaction of a keyed request. */
export interface Execution {
  readonly db: Database
  readonly actor: Actor
  /** By performance.now: when the request began to wait in a queue. */
  readonly began_at: number
  /** Makes the change. It runs at most once per key within 24 hours. */
  readonly work: (tx: Tx) => Promise<StoredResponse>
  /** Makes the response of a stored error. */
  readonly toResponse: (error: AppError) => StoredResponse
}

/**
 * Runs `work` and stores its response in one transaction. An error is stored after the rollback, in a transaction of its own.
 * Throws IdempotencyInProgressError while another transaction holds the key, IdempotencyKeyReusedError when the key was used
 * for another request, IdempotencyAnswerWithheldError when the first response must not be repeated, and the errors of `work`
 * that are not stored.
 */
export async function executeOnce(request: KeyedRequest, execution: Execution): Promise<IdempotentResponse> {
  const { db, actor, began_at, work, toResponse } = execution
  const attempt = (run: Execution['work']) =>
    db.tenantTx(
      actor,
      async (tx) => {
        claimKey(tx, request)
        const response = await run(tx)
        store(tx, request, response)
        return { ...response, is_replay: false }
      },
      began_at,
    )
  try {
    return await attempt(work).catch((error: unknown) => {
      if (!isStored(error)) throw error
      return attempt(async () => toResponse(error))
    })
  } catch (error) {
    if (!isSqlstate(error, answered)) throw error
    return db.tenantRead(actor, (tx) => replay(tx, request))
  }
}

function isStored(error: unknown): error is AppError {
  const is_about_key = error instanceof IdempotencyInProgressError
  return error instanceof AppError && stored_statuses.includes(error.status) && !is_about_key
}

/** SQLSTATE of app.claim_key: the key has an answer. */
const answered = 'RT200'

/**
 * Locks the key until the end of the transaction, together with the first statements of the work. The transaction fails when
 * another one holds the key, or when the key has an answer. An expired key counts as new.
 */
function claimKey(tx: Tx, { key }: KeyedRequest): void {
  tx.queue(sql`select app.claim_key(${tx.agency_id}, ${tx.actor.id}, ${key})`)
}

/** Stores the response with the actor's role and the ids in it: a replay checks both. */
function store(tx: Tx, request: KeyedRequest, { status, headers, body }: StoredResponse): void {
  const { key, fingerprint, path_ids, has_secret } = request
  const is_secret = has_secret && status < 300
  const stored_headers = JSON.stringify(is_secret ? { ...headers, etag: undefined } : headers)
  const entity_ids = idsIn(`${path_ids} ${stored_headers} ${body ?? ''}`)
  tx.queue(sql`
    insert into idempotency_keys as k (agency_id, actor_id, key, fingerprint, expires_at, status, headers, body, withheld,
      actor_role, own_properties, entity_ids)
    values (${tx.agency_id}, ${tx.actor.id}, ${key}, ${fingerprint}, now() + interval '24 hours', ${status},
      ${stored_headers}, ${body === null || is_secret ? null : Buffer.from(body)}, ${is_secret ? 'secret' : null},
      ${tx.actor.role}, ${ownProperties(tx)}, ${entity_ids}::uuid[])
    on conflict (agency_id, actor_id, key) do update set fingerprint = excluded.fingerprint, created_at = now(),
      expires_at = excluded.expires_at, status = excluded.status, headers = excluded.headers, body = excluded.body,
      withheld = excluded.withheld, actor_role = excluded.actor_role, own_properties = excluded.own_properties,
      entity_ids = excluded.entity_ids
    where k.expires_at < now()`)
}

/** The properties an owner can see; null for other roles. */
function ownProperties(tx: Tx): Sql {
  return tx.actor.role === 'owner' ? sql`app.own_properties()` : sql`null::uuid[]`
}

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi

function idsIn(text: string): string[] {
  return [...new Set(text.toLowerCase().match(uuid))]
}

/**
 * Deletes every stored response of the agency that contains one of these ids: after an erasure, or when notes are deleted. The
 * keys remain, so the requests are still not executed again.
 */
export async function withholdAnswers(tx: Tx, entity_ids: readonly string[]): Promise<void> {
  await tx.query(sql`select app.withhold_answers(${[...entity_ids]}::uuid[])`)
}

interface StoredRow {
  readonly fingerprint: Buffer
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer | null
  readonly withheld: 'erased' | 'secret' | null
  readonly has_same_rights: boolean
}

/** Checks for an erased response first, because its fingerprint is erased as well. */
async function replay(tx: Tx, { key, fingerprint }: KeyedRequest): Promise<IdempotentResponse> {
  const first = await tx.maybe<StoredRow>(sql`
    select k.fingerprint, k.status, k.headers, k.body, k.withheld,
      (k.actor_role is null or k.actor_role = ${tx.actor.role})
        and (k.own_properties is null or k.own_properties <@ ${ownProperties(tx)}) is not false as has_same_rights
    from idempotency_keys k
    where k.agency_id = ${tx.agency_id} and k.actor_id = ${tx.actor.id} and k.key = ${key}`)
  if (first === undefined) throw new IdempotencyInProgressError()
  const { status, headers, body, withheld, has_same_rights } = first
  if (withheld === 'erased') throw withheldError('erased', first)
  if (!first.fingerprint.equals(fingerprint)) throw new IdempotencyKeyReusedError()
  if (!has_same_rights) throw withheldError('role_changed', first)
  if (withheld !== null) throw withheldError(withheld, first)
  activity.replays += 1
  return { status, headers, body: body === null ? null : body.toString(), is_replay: true }
}

/** The location contains only an id; reading it requires the actor's current rights. */
function withheldError(reason: string, { status, headers: { location } }: StoredRow): IdempotencyAnswerWithheldError {
  return new IdempotencyAnswerWithheldError({ meta: { reason, status, ...(location !== undefined && { location }) } })
}

/** The parts of a request that its fingerprint covers, including If-Match. */
export interface RequestParts {
  readonly method: string
  /** The route template: /api/v1/bookings/:id */
  readonly route: string
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly if_match: string | undefined
  /** The JSON schemas of the route. */
  readonly schemas?: {
    readonly params?: MeaningSchema
    readonly querystring?: MeaningSchema
    readonly body?: MeaningSchema
  }
}

/**
 * SHA-256 of what the request means: ids in any case, the order of members and parameters, and defaults that are spelled out or
 * left out make no difference (request-meaning.ts).
 */
export function fingerprintOf({ method, route, params, query, body, if_match, schemas = {} }: RequestParts): Buffer {
  const meanings = [
    meaningOf(params, schemas.params),
    meaningOf(query, schemas.querystring),
    meaningOf(body, schemas.body),
  ]
  return createHash('sha256')
    .update(JSON.stringify([method, route, if_match, ...meanings]))
    .digest()
}

const batch_size = 1000

/** The pause after a batch as a multiple of its duration, to leave disk capacity for requests. */
const pause_factor = 2

/**
 * Deletes the expired keys of every agency in transactions of 1,000 keys, to hold locks only for a short time. Ends after the
 * current batch when `signal` is aborted. Returns the number of deleted keys.
 */
export async function purgeExpiredKeys(db: Database, signal?: AbortSignal): Promise<number> {
  let purged = 0
  let deleted = batch_size
  while (deleted === batch_size && !signal?.aborted) {
    const began = performance.now()
    deleted = await purgeBatch(db)
    purged += deleted
    const pause_ms = deleted < batch_size ? 0 : pause_factor * (performance.now() - began)
    await delay(pause_ms, undefined, { signal }).catch(() => {})
  }
  return purged
}

/** Selects rows by ctid: this needs no sort, and a key that is renewed meanwhile has a new ctid and is not deleted. */
async function purgeBatch(db: Database): Promise<number> {
  const { deleted } = await db.systemTx((tx) =>
    tx.one<{ deleted: number }>(sql`
      with gone as (
        delete from idempotency_keys where expires_at < now() and ctid = any (array(
          select k.ctid from idempotency_keys k where k.expires_at < now() limit ${batch_size}))
        returning 1)
      select count(*) as deleted from gone`),
  )
  return deleted
}
