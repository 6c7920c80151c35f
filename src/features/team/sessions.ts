// Staying signed in: a session per sign-in, its one valid refresh token, and what ends it.
import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Database } from '../../core/database.ts'
import { LoginFailedError, RefreshTokenInvalidError } from '../../core/errors.ts'
import { hashPassword } from '../../core/passwords.ts'
import type { Tokens } from '../../core/tokens.ts'
import type { SystemTx } from '../../core/transaction.ts'
import type { Session, TokenPair } from './schema.ts'

const lifetime_ms = 30 * 24 * 3600 * 1000

/** A secret to hand out once: 256 random bits, 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret. It cannot be guessed, so it needs no slow hash. */
export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whoever has just proven who they are, and the generation of tokens that held then. */
export interface Proven {
  readonly id: string
  readonly token_generation: number
}

/** A session as it begins or goes on, before its access token is signed. */
interface Opened {
  readonly user_id: string
  readonly generation: number
  readonly refresh_token: string
  readonly expires_at: number
}

/** Where a session begins. */
export interface Device {
  readonly user_agent: string | undefined
  /** See networkHashOf. */
  readonly network_hash: Buffer
}

async function open(tx: SystemTx, { id, token_generation }: Proven, device: Device): Promise<Opened> {
  const session_id = randomUUIDv7()
  const refresh_token = newSecret()
  const expires_at = Date.now() + lifetime_ms
  await tx.query(sql`
    select app.start_session(${session_id}, ${id}, ${hashOfSecret(refresh_token)},
      ${new Date(expires_at).toISOString()}::timestamptz, ${device.user_agent ?? null})`)
  await tx.query(sql`select app.remember_network(${session_id}, ${device.network_hash})`)
  return { user_id: id, generation: token_generation, refresh_token, expires_at }
}

async function pairOf(tokens: Tokens, { user_id, generation, refresh_token, expires_at }: Opened): Promise<TokenPair> {
  const { token, expires_in } = await tokens.issue({ user_id, generation })
  const refresh_expires_in = Math.max(0, Math.floor((expires_at - Date.now()) / 1000))
  return { token, token_type: 'Bearer', expires_in, refresh_token, refresh_expires_in }
}

/**
 * Begins a session of 30 days. Throws LoginFailedError when all tokens of the person were ended since they proved who
 * they are: the password may be another one by now.
 */
export async function startSession(db: Database, tokens: Tokens, person: Proven, device: Device): Promise<TokenPair> {
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
  readonly expires_at: string
  readonly token_generation: number
}

/**
 * A new pair for a refresh token, which is used up by it. Used again within ten seconds it gives one more, since the
 * answer may have been lost; later the session ends. Throws RefreshTokenInvalidError.
 */
export async function refreshSession(db: Database, tokens: Tokens, refresh_token: string): Promise<TokenPair> {
  const next = newSecret()
  // The end of a session that was copied is saved: the refusal comes after the transaction.
  const rotation = await db.systemTx((tx) =>
    tx.one<Rotation>(sql`
      select outcome, user_id, expires_at, token_generation
      from app.rotate_refresh_token(${hashOfSecret(refresh_token)}, ${hashOfSecret(next)})`),
  )
  const { outcome, user_id, expires_at, token_generation: generation } = rotation
  if (outcome !== 'rotated') throw new RefreshTokenInvalidError()
  return pairOf(tokens, { user_id, generation, refresh_token: next, expires_at: Date.parse(expires_at) })
}

/** Ends the session of this refresh token, if there is one. */
export async function signOut(db: Database, refresh_token: string): Promise<void> {
  await db.systemTx((tx) => tx.query(sql`select app.end_session(${hashOfSecret(refresh_token)})`))
}

/** Ends every session of a person, and with them every access token issued until now. */
export async function signOutEverywhere(db: Database, user_id: string): Promise<void> {
  await db.systemTx((tx) => tx.query(sql`select app.end_all_sessions(${user_id}, 'sign_out_everywhere')`))
}

/**
 * Sets the password and ends all sessions and tokens but the pair it returns. Throws LoginFailedError when another
 * change came between the check of the current password and this one.
 */
export async function changePassword(
  db: Database,
  tokens: Tokens,
  person: Proven & { readonly new_password: string },
  device: Device,
): Promise<TokenPair> {
  const { id, new_password, token_generation } = person
  const hash = await hashPassword(new_password)
  const opened = await db.systemTx(async (tx) => {
    const after = await tx.one<{ generation: number }>(sql`
      select app.end_all_sessions(${id}, 'password') as generation`)
    if (after.generation !== token_generation + 1) throw new LoginFailedError()
    await tx.query(sql`select app.set_password(${id}, ${hash})`)
    return open(tx, { id, token_generation: after.generation }, device)
  })
  return pairOf(tokens, opened)
}

/** The person's live sessions, the last used first. */
export async function listSessions(db: Database, user_id: string): Promise<Session[]> {
  return db.systemTx((tx) =>
    tx.query<Session>(sql`select id, user_agent, created_at, used_at, expires_at from app.sessions_of(${user_id})`),
  )
}

const purge_batch = 1000

/** Forgets sessions that ended more than 30 days ago, a thousand at a time. Returns how many. */
export async function purgeSessions(db: Database, signal?: AbortSignal): Promise<number> {
  let purged = 0
  let deleted = purge_batch
  while (deleted === purge_batch && !signal?.aborted) {
    const batch = await db.systemTx((tx) =>
      tx.one<{ deleted: number }>(sql`select app.purge_sessions(${purge_batch}) as deleted`),
    )
    deleted = batch.deleted
    purged += deleted
  }
  return purged
}
