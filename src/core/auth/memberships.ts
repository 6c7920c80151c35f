// Looks up the user behind a verified token and their memberships, and caches them.
import sql from 'sql-template-tag'
import type { Database } from '../postgres/database.ts'
import type { Role } from './permissions.ts'
import { createRememberedAdmins } from './remembered-admins.ts'
import type { VerifiedToken } from './tokens.ts'

export interface Membership {
  readonly agency_id: string
  readonly agency_name: string
  readonly agency_slug: string
  readonly role: Role
}

/**
 * An active user with their active memberships in agencies that are not deleted, by agency name. The role comes from here,
 * never from the token.
 */
export interface Identity {
  readonly user_id: string
  readonly email: string
  readonly full_name: string
  /** Tokens issued by this deployment with another generation are invalid. */
  readonly token_generation: number
  /** Sessions that ended in the last two hours. Their access tokens, valid for one hour, are refused. */
  readonly ended_sessions: readonly string[]
  /** Sessions that ended in the last 30 days because a refresh token was reused, newest first. */
  readonly reused_sessions: readonly { readonly at: string; readonly user_agent: string | null }[]
  readonly memberships: readonly Membership[]
  /** On the clock of performance.now(): all changes up to this moment are included. */
  readonly verified_at: number
}

type Row = Omit<Identity, 'memberships' | 'reused_sessions' | 'verified_at'> & {
  readonly reused_sessions: Identity['reused_sessions'] | null
} & { [K in keyof Membership]: Membership[K] | null }

type Subject = Pick<VerifiedToken, 'sub' | 'is_own'> & { readonly generation?: number }

export interface Identities {
  /** The user behind a verified token; undefined when no active user has its `sub`. */
  find(token: Subject): Promise<Identity | undefined>
  /** An admin as last read from the database, at most 24 hours ago. For /ops while the database does not respond. */
  recall(token: Subject): Identity | undefined
  /** Drops the cache entries of one user. */
  invalidate(user_id: string): void
  /** Drops all cache entries. */
  invalidateAll(): void
}

interface CacheEntry {
  readonly at: number
  readonly identity: Promise<Identity | undefined>
  /** Set when the lookup has found a user. */
  user_id?: string
}

/** Lifetime of an entry while membership changes are received as notifications. */
const notified_ttl_ms = 30_000
const max_entries = 10_000

/**
 * Caches each lookup for `ttl_ms`, or for 30 s while `isListening` returns true. The caller must then call `invalidate`
 * for every user whose membership changes. A changed role takes effect within `ttl_ms` in every process.
 */
export function createIdentities(db: Database, ttl_ms = 1000, isListening = () => false): Identities {
  const entries = new Map<string, CacheEntry>()
  const admins = createRememberedAdmins()

  function findEntry(subject: string): CacheEntry | undefined {
    const entry = entries.get(subject)
    if (entry === undefined) return undefined
    const lifetime_ms = entry.user_id !== undefined && isListening() ? notified_ttl_ms : ttl_ms
    return performance.now() - entry.at < lifetime_ms ? entry : undefined
  }

  function load(subject: string, token: Subject): Promise<Identity | undefined> {
    const entry: CacheEntry = { at: performance.now(), identity: queryIdentity(db, token) }
    entries.delete(subject)
    entries.set(subject, entry)
    const [oldest] = entries.keys()
    if (entries.size > max_entries && oldest !== undefined) entries.delete(oldest)
    entry.identity.then(
      (found) => {
        if (found !== undefined) entry.user_id = found.user_id
        if (entries.get(subject) === entry) admins.keep(subject, found)
      },
      () => {
        if (entries.get(subject) === entry) entries.delete(subject)
      },
    )
    return entry.identity
  }

  return {
    async find(token) {
      const subject = subjectOf(token)
      const entry = findEntry(subject)
      if (entry === undefined) return load(subject, token)
      const found = await entry.identity
      const identity = found && isListening() ? { ...found, verified_at: performance.now() } : found
      // The token is newer than the cache entry: another process has just issued it.
      const is_outdated = identity !== undefined && (token.generation ?? 0) > identity.token_generation
      return is_outdated ? load(subject, token) : identity
    },
    recall: (token) => admins.recall(subjectOf(token)),
    invalidate(user_id) {
      admins.forget(user_id)
      for (const [subject, entry] of entries) {
        // A lookup still in progress may be about this user and may return the old row.
        if (entry.user_id === undefined || entry.user_id === user_id) entries.delete(subject)
      }
    },
    invalidateAll: () => entries.clear(),
  }
}

const subjectOf = ({ is_own, sub }: Subject) => `${is_own} ${sub}`

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function queryIdentity(db: Database, { sub, is_own }: Subject): Promise<Identity | undefined> {
  const verified_at = performance.now()
  const own_id = is_own && uuid.test(sub) ? sub : null
  const rows = await db.systemRead((tx) =>
    tx.query<Row>(sql`
      select user_id, email, full_name, token_generation, ended_sessions, reused_sessions, agency_id, agency_name,
        agency_slug, role
      from app.memberships_of(${own_id}, ${sub})`),
  )
  const [first] = rows
  if (first === undefined) return undefined
  const { user_id, email, full_name, token_generation, ended_sessions } = first
  const reused_sessions = (first.reused_sessions ?? []).map((one) => ({ ...one, at: new Date(one.at).toISOString() }))
  const memberships = rows.flatMap((row) =>
    row.agency_id === null || row.agency_name === null || row.agency_slug === null || row.role === null
      ? []
      : [{ agency_id: row.agency_id, agency_name: row.agency_name, agency_slug: row.agency_slug, role: row.role }],
  )
  return { user_id, email, full_name, token_generation, ended_sessions, reused_sessions, memberships, verified_at }
}
