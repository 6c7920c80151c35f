// Sessions: one per sign-in, with one valid refresh token; refresh, end, list, purge.
import { createHash, createHmac, randomBytes, randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Tokens } from '../../core/auth/tokens.ts'
import { LoginFailedError, RefreshTokenInvalidError, SessionNotFoundError } from '../../core/errors.ts'
import { deleteInBatches } from '../../core/jobs/in-batches.ts'
import type { Mail } from '../../core/mail/mail.ts'
import { tryQueueMail } from '../../core/mail/outbox.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { SystemTx } from '../../core/postgres/transaction.ts'
import { lifetimes } from './mails.ts'
import type { IssuedPair, Session } from './schema.ts'

const lifetime_ms = 30 * 24 * 3600 * 1000

/** A secret that is shown once: 256 random bits, 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** The stored form of a secret. A secret cannot be guessed, so a fast hash is enough. */
export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/**
 * The refresh token that follows this one. It is derived, so that every process answers a repeat with the same token while
 * only hashes are stored. Throws without a secret to derive it with.
 */
function successorOf(tokens: Tokens, refresh_token: string): string {
  return createHmac('sha256', tokens.deriveKey('refresh tokens')).update(refresh_token).digest('base64url')
}

/** A person who has just authenticated, and their token generation at that time. */
export interface AuthenticatedUser {
  readonly id: string
  readonly token_generation: number
}

/** A session after its start or a refresh, before its access token is signed. */
interface OpenedSession {
  readonly user_id: string
  readonly session_id: string
  readonly generation: number
  readonly refresh_token: string
  readonly expires_at: number
}

/** The device of a sign-in. */
export interface Device {
  readonly user_agent: string | undefined
  /** See networkHashOf. */
  readonly network_hash: Buffer
}

async function open(tx: SystemTx, { id, token_generation }: AuthenticatedUser, device: Device): Promise<OpenedSession> {
  const refresh_token = newSecret()
  const session_id = randomUUIDv7()
  const expires_at = Date.now() + lifetime_ms
  await tx.query(sql`
    select app.start_session(${session_id}, ${id}, ${hashOfSecret(refresh_token)},
      ${new Date(expires_at).toISOString()}::timestamptz, ${device.user_agent ?? null})`)
  await tx.query(sql`select app.remember_network(${session_id}, ${device.network_hash})`)
  return { user_id: id, session_id, generation: token_generation, refresh_token, expires_at }
}

async function pairOf(tokens: Tokens, opened: OpenedSession): Promise<IssuedPair> {
  const { user_id, session_id, generation, refresh_token, expires_at } = opened
  const { token: access_token, expires_in } = await tokens.issue({ user_id, session_id, generation })
  const refresh_expires_in = Math.max(0, Math.floor((expires_at - Date.now()) / 1000))
  return { access_token, token: access_token, token_type: 'Bearer', expires_in, refresh_token, refresh_expires_in }
}

/**
 * Starts a session of 30 days. Throws LoginFailedError when all tokens of the person were ended after the authentication:
 * the password may have changed.
 */
export async function startSession(
  db: Database,
  tokens: Tokens,
  person: AuthenticatedUser,
  device: Device,
): Promise<IssuedPair> {
  const opened = await db.systemTx(async (tx) => {
    const now = await tx.one<{ generation: number }>(sql`select app.token_generation_of(${person.id}) as generation`)
    if (now.generation !== person.token_generation) throw new LoginFailedError()
    return open(tx, person, device)
  })
  return pairOf(tokens, opened)
}

interface Rotation {
  readonly outcome: 'unknown' | 'ended' | 'reused' | 'rotated'
  readonly user_id: string
  readonly session_id: string
  readonly expires_at: string
  readonly token_generation: number
}

/** A refresh token was reused; its session has ended. */
export interface Reuse {
  readonly user_id: string
}

/**
 * The next pair for a refresh token. A repeat within ten seconds returns the same refresh token, since the first response
 * can be lost. Any other reuse ends the session and its access tokens, adds an audit entry in each of the person's
 * agencies, and returns Reuse. Throws RefreshTokenInvalidError for other invalid tokens.
 */
export async function refreshSession(
  db: Database,
  tokens: Tokens,
  given: { readonly refresh_token: string; readonly request_id: string },
  mail: Mail,
): Promise<IssuedPair | Reuse> {
  const next = successorOf(tokens, given.refresh_token)
  // On a reuse the transaction commits the end of the session; the caller then refuses.
  const rotation = await db.systemTx(async (tx) => {
    const found = await tx.one<Rotation>(sql`
      select outcome, user_id, session_id, expires_at, token_generation
      from app.rotate_refresh_token(${hashOfSecret(given.refresh_token)}, ${hashOfSecret(next)})`)
    if (found.outcome === 'reused') await reportReuse(tx, found, given.request_id, mail)
    return found
  })
  const { outcome, user_id, session_id, expires_at, token_generation: generation } = rotation
  if (outcome === 'reused') return { user_id }
  if (outcome !== 'rotated') throw new RefreshTokenInvalidError()
  return pairOf(tokens, { user_id, session_id, generation, refresh_token: next, expires_at: Date.parse(expires_at) })
}

/**
 * Adds an audit entry in each of the person's agencies, and an e-mail to the person, in the transaction that ends the session.
 */
async function reportReuse(
  tx: SystemTx,
  { user_id, session_id }: Rotation,
  request_id: string,
  mail: Mail,
): Promise<void> {
  const agencies = await tx.query<{ agency_id: string | null; email: string }>(sql`
    select agency_id, email from app.memberships_of(${user_id}, ${null})`)
  const [first] = agencies
  if (first !== undefined) {
    await tryQueueMail(tx, mail, { kind: 'session_ended', to: first.email, lifetime_s: lifetimes.notice })
  }
  for (const { agency_id } of agencies) {
    if (agency_id === null) continue
    tx.queue(sql`select app.audit_session_reuse(${session_id}, ${agency_id}, ${randomUUIDv7()}, ${request_id})`)
  }
}

/** Ends the session of this refresh token and its access tokens. Returns the user id; null without a session. */
export async function signOut(db: Database, refresh_token: string): Promise<string | null> {
  const { user_id } = await db.systemTx((tx) =>
    tx.one<{ user_id: string | null }>(sql`select app.end_session(${hashOfSecret(refresh_token)}) as user_id`),
  )
  return user_id
}

/** Ends every session and every access token of a person. */
export async function signOutEverywhere(db: Database, user_id: string): Promise<void> {
  await db.systemTx((tx) => tx.query(sql`select app.end_all_sessions(${user_id}, 'sign_out_everywhere')`))
}

/**
 * Sets the password and ends all other sessions and tokens. Throws LoginFailedError when another change was committed
 * after the current password was checked.
 */
export async function changePassword(
  db: Database,
  tokens: Tokens,
  person: AuthenticatedUser & { readonly new_hash: string; readonly email: string },
  device: Device,
  mail: Mail,
): Promise<IssuedPair> {
  const { id, new_hash, token_generation, email } = person
  const opened = await db.systemTx(async (tx) => {
    const after = await tx.one<{ generation: number }>(sql`
      select app.end_all_sessions(${id}, 'password') as generation`)
    if (after.generation !== token_generation + 1) throw new LoginFailedError()
    await tx.query(sql`select app.set_password(${id}, ${new_hash})`)
    await tryQueueMail(tx, mail, { kind: 'password_changed', to: email, lifetime_s: lifetimes.notice })
    return open(tx, { id, token_generation: after.generation }, device)
  })
  return pairOf(tokens, opened)
}

/** The person's active sessions, last used first, then those that ended by a reuse within 30 days. */
export async function listSessions(db: Database, user_id: string, current_id: string | null): Promise<Session[]> {
  const found = await db.systemRead((tx) =>
    tx.query<Omit<Session, 'is_current'>>(sql`
      select id, user_agent, created_at, used_at, expires_at, ended_at, ended_by from app.sessions_of(${user_id})`),
  )
  return found.map(({ id, user_agent, ...times }) => ({ id, user_agent, is_current: id === current_id, ...times }))
}

/** Ends one active session of the person and its access tokens. Throws SessionNotFoundError. */
export async function endSession(db: Database, user_id: string, session_id: string): Promise<void> {
  const { has_ended } = await db.systemTx((tx) =>
    tx.one<{ has_ended: boolean }>(sql`select app.end_own_session(${user_id}, ${session_id}) as has_ended`),
  )
  if (!has_ended) throw new SessionNotFoundError()
}

/** Deletes sessions that ended more than 30 days ago, 1,000 per call. Returns how many. */
export function purgeSessions(db: Database, signal?: AbortSignal): Promise<number> {
  const deleteBatch = (size: number) =>
    db.systemTx((tx) => tx.one<{ deleted: number }>(sql`select app.purge_sessions(${size}) as deleted`))
  return deleteInBatches(async (size) => (await deleteBatch(size)).deleted, signal)
}
