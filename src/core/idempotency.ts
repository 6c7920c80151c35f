// A request that carries an Idempotency-Key is carried out once: its answer is kept in the very transaction that made
// it, and given again to whoever sends the same request with the same key (docs/adr/0011).
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import sql, { type Sql } from 'sql-template-tag'
import { AppError } from './app-error.ts'
import { IdempotencyAnswerWithheldError, IdempotencyInProgressError, IdempotencyKeyReusedError } from './errors.ts'
import type { Database } from './postgres/database.ts'
import type { Tx } from './postgres/transaction.ts'

/** What a client gets, as it is stored: the bytes themselves, so that a replay is the same to the last one. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Which request this is, and the key it carries. */
export interface KeyedRequest {
  /** 1 to 255 visible ASCII characters, chosen by the client; belongs to the agency and the person. */
  readonly key: string
  /** SHA-256 over everything that makes two requests the same: see fingerprintOf. */
  readonly fingerprint: Buffer
  /** Every id in the path, as text: the answer is about these records and those that it names itself. */
  readonly about: string
  /** A success holds a secret that is shown once: its body is not kept. */
  readonly has_secret: boolean
}

export interface Once extends Answer {
  readonly is_replay: boolean
}

/** Decided by the state of things after the work began; anything else may be tried again with the same key. */
const kept = [404, 409, 412, 422]

/**
 * Runs `work` at most once per key within 24 hours, in this transaction. `answerOf` puts a refusal into the words the
 * client gets; it is kept like a success. Throws IdempotencyInProgressError while another transaction has the key,
 * IdempotencyKeyReusedError when it was used for another request, IdempotencyAnswerWithheldError when the first answer
 * may not be repeated, and whatever `work` throws that is not kept.
 */
export async function answerOnce(
  tx: Tx,
  request: KeyedRequest,
  work: () => Promise<Answer>,
  answerOf: (refusal: AppError) => Answer,
): Promise<Once> {
  const { is_free, is_mine } = await claimKey(tx, request)
  if (!is_free) throw new IdempotencyInProgressError()
  if (!is_mine) return replay(tx, request)
  const answer = await tx.attempt(work).catch((error: unknown) => {
    if (error instanceof AppError && kept.includes(error.status)) return answerOf(error)
    throw error
  })
  keep(tx, request, answer)
  return { ...answer, is_replay: false }
}

/** With whom it was made for, so that a replay can tell whether they may still see it, and what it is about. */
function keep(tx: Tx, { key, about, has_secret }: KeyedRequest, { status, headers, body }: Answer): void {
  const is_secret = has_secret && status < 300
  const kept_headers = JSON.stringify(is_secret ? { ...headers, etag: undefined } : headers)
  const entity_ids = idsIn(`${about} ${kept_headers} ${body ?? ''}`)
  tx.send(sql`
    update idempotency_keys k set status = ${status}, headers = ${kept_headers},
      body = ${body === null || is_secret ? null : Buffer.from(body)}, withheld = ${is_secret ? 'secret' : null},
      actor_role = ${tx.actor.role}, own_properties = ${ownProperties(tx)}, entity_ids = ${entity_ids}::uuid[]
    where k.agency_id = ${tx.agency_id} and k.actor_id = ${tx.actor.user_id} and k.key = ${key}`)
}

/** Of an owner, who sees what belongs to these; null for everybody else. */
function ownProperties(tx: Tx): Sql {
  return tx.actor.role === 'owner' ? sql`app.own_properties()` : sql`null::uuid[]`
}

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi

function idsIn(text: string): string[] {
  return [...new Set(text.toLowerCase().match(uuid))]
}

/**
 * Empties every kept answer that names one of these records, whoever in the agency it was made for: after an erasure, or
 * when notes are deleted. Their keys still keep the requests from being carried out again.
 */
export async function withholdAnswers(tx: Tx, entity_ids: readonly string[]): Promise<void> {
  await tx.query(sql`select app.withhold_answers(${[...entity_ids]}::uuid[])`)
}

/** The lock ends with the transaction, so a process that dies leaves nothing behind. A key that has expired is new. */
async function claimKey(tx: Tx, { key, fingerprint }: KeyedRequest): Promise<{ is_free: boolean; is_mine: boolean }> {
  const name = `key/${tx.agency_id}/${tx.actor.user_id}/${key}`
  return tx.one(sql`
    with lock as (select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as is_free),
    claim as (
      insert into idempotency_keys as k (agency_id, actor_id, key, fingerprint, expires_at)
      select ${tx.agency_id}::uuid, ${tx.actor.user_id}::uuid, ${key}, ${fingerprint}::bytea, now() + interval '24 hours'
      from lock where lock.is_free
      on conflict (agency_id, actor_id, key) do update set fingerprint = excluded.fingerprint, status = null,
        headers = null, body = null, withheld = null, created_at = now(), expires_at = excluded.expires_at
      where k.expires_at < now()
      returning 1)
    select lock.is_free, exists (select from claim) as is_mine from lock`)
}

interface Kept {
  readonly fingerprint: Buffer
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer | null
  readonly withheld: 'erased' | 'secret' | null
  readonly has_same_rights: boolean
}

/** An erased answer has lost its fingerprint as well, so it is looked at first. */
async function replay(tx: Tx, { key, fingerprint }: KeyedRequest): Promise<Once> {
  const first = await tx.maybe<Kept>(sql`
    select k.fingerprint, k.status, k.headers, k.body, k.withheld,
      (k.actor_role is null or k.actor_role = ${tx.actor.role})
        and (k.own_properties is null or k.own_properties <@ ${ownProperties(tx)}) is not false as has_same_rights
    from idempotency_keys k
    where k.agency_id = ${tx.agency_id} and k.actor_id = ${tx.actor.user_id} and k.key = ${key}`)
  if (first === undefined) throw new IdempotencyInProgressError()
  const { status, headers, body, withheld, has_same_rights } = first
  if (withheld === 'erased') throw withheldFor('erased', first)
  if (!first.fingerprint.equals(fingerprint)) throw new IdempotencyKeyReusedError()
  if (!has_same_rights) throw withheldFor('role_changed', first)
  if (withheld !== null) throw withheldFor(withheld, first)
  return { status, headers, body: body === null ? null : body.toString(), is_replay: true }
}

/** The location is an id, and read with the rights of now. */
function withheldFor(reason: string, { status, headers: { location } }: Kept): IdempotencyAnswerWithheldError {
  return new IdempotencyAnswerWithheldError({ meta: { reason, status, ...(location !== undefined && { location }) } })
}

/** Everything that makes two requests the same. The version in If-Match is part of what is asked. */
export interface RequestParts {
  readonly method: string
  /** The template: /api/v1/bookings/:id */
  readonly route: string
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly if_match: string | undefined
}

/** SHA-256, the same however a request is written: the order of members and of query parameters makes no difference. */
export function fingerprintOf({ method, route, params, query, body, if_match }: RequestParts): Buffer {
  const parts = [method, route, if_match, params, query, body]
  return createHash('sha256')
    .update(JSON.stringify(parts.map(canonical)))
    .digest()
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]))
}

const batch_size = 1000

/** So many times as long as a batch took the purge rests before the next: there is no hurry, and others use the disk. */
const rest_factor = 2

/**
 * Deletes the expired keys of every agency, 1,000 in a transaction of their own at a time, so that nobody waits long for
 * a lock. Ends early, after a whole batch, when `signal` is aborted. Returns how many were deleted.
 */
export async function purgeExpiredKeys(db: Database, signal?: AbortSignal): Promise<number> {
  let purged = 0
  let deleted = batch_size
  while (deleted === batch_size && !signal?.aborted) {
    const began = performance.now()
    deleted = await purgeBatch(db)
    purged += deleted
    const rest_ms = deleted < batch_size ? 0 : rest_factor * (performance.now() - began)
    await delay(rest_ms, undefined, { signal }).catch(() => {})
  }
  return purged
}

/** By place in the table (ctid): no sort, and a key that is renewed meanwhile has moved and stays. */
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
