// Who a verified token's subject is, and what they are in which agency. The role comes from here, never from the token.
import sql from 'sql-template-tag'
import type { Database } from '../postgres/database.ts'
import type { Role } from './permissions.ts'
import type { VerifiedToken } from './tokens.ts'

export interface Membership {
  readonly agency_id: string
  readonly agency_name: string
  readonly agency_slug: string
  readonly role: Role
}

/** A known, active person and their active memberships in living agencies, by agency name. */
export interface Identity {
  readonly user_id: string
  readonly email: string
  readonly full_name: string
  /** Tokens of ours that carry another one are over. */
  readonly token_generation: number
  /** Sessions that ended within two hours: an access token lives one hour, and those of an ended session are over. */
  readonly ended_sessions: readonly string[]
  /** Sessions that ended within 30 days because a refresh token was used again, the latest first. */
  readonly reused_sessions: readonly { readonly at: string; readonly user_agent: string | null }[]
  readonly memberships: readonly Membership[]
  /** By performance.now: until then every change is known. */
  readonly verified_at: number
}

type Row = Omit<Identity, 'memberships' | 'reused_sessions' | 'verified_at'> & {
  readonly reused_sessions: Identity['reused_sessions'] | null
} & { [K in keyof Membership]: Membership[K] | null }

type Subject = Pick<VerifiedToken, 'sub' | 'is_own'> & { readonly generation?: number }

export interface Identities {
  /** The person behind a verified token, or undefined when nobody active has its `sub`. */
  find(token: Subject): Promise<Identity | undefined>
  /** The person is looked up again at their next request. */
  forget(user_id: string): void
  /** Everybody is. */
  forgetAll(): void
}

interface Remembered {
  readonly at: number
  readonly identity: Promise<Identity | undefined>
  /** Set once they were found. */
  user_id?: string
}

const announced_ms = 30_000
const most_remembered = 10_000

/**
 * Looks people up and remembers each for `ttl_ms` (1000). While `isListening` says that every change is heard of, for
 * 30 s: then `forget` is called for whoever changed. So a changed role acts within `ttl_ms` on every process.
 */
export function createIdentities(db: Database, ttl_ms = 1000, isListening = () => false): Identities {
  const remembered = new Map<string, Remembered>()

  function recall(subject: string): Remembered | undefined {
    const known = remembered.get(subject)
    if (known === undefined) return undefined
    const lifetime = known.user_id !== undefined && isListening() ? announced_ms : ttl_ms
    return performance.now() - known.at < lifetime ? known : undefined
  }

  function ask(subject: string, token: Subject): Promise<Identity | undefined> {
    const entry: Remembered = { at: performance.now(), identity: lookUp(db, token) }
    remembered.delete(subject)
    remembered.set(subject, entry)
    const [oldest] = remembered.keys()
    if (remembered.size > most_remembered && oldest !== undefined) remembered.delete(oldest)
    entry.identity.then(
      (found) => {
        if (found !== undefined) entry.user_id = found.user_id
      },
      () => {
        if (remembered.get(subject) === entry) remembered.delete(subject)
      },
    )
    return entry.identity
  }

  return {
    async find(token) {
      const subject = `${token.is_own} ${token.sub}`
      const known = recall(subject)
      if (known === undefined) return ask(subject, token)
      const found = await known.identity
      const identity = found && isListening() ? { ...found, verified_at: performance.now() } : found
      // A token that is newer than what we remember: the person has just got it from another process.
      const is_outdated = identity !== undefined && (token.generation ?? 0) > identity.token_generation
      return is_outdated ? ask(subject, token) : identity
    },
    forget(user_id) {
      for (const [subject, entry] of remembered) {
        // Whoever is being looked up right now may be them, as they were before.
        if (entry.user_id === undefined || entry.user_id === user_id) remembered.delete(subject)
      }
    },
    forgetAll: () => remembered.clear(),
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function lookUp(db: Database, { sub, is_own }: Subject): Promise<Identity | undefined> {
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
