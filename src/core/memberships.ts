// Who a verified token's subject is, and what they are in which agency. The role comes from here, never from the token.
import sql from 'sql-template-tag'
import type { Role } from './auth.ts'
import type { Database } from './database.ts'
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
  readonly memberships: readonly Membership[]
}

type Row = Omit<Identity, 'memberships'> & { [K in keyof Membership]: Membership[K] | null }

type Subject = Pick<VerifiedToken, 'sub' | 'is_own'>

export interface Identities {
  /** The person behind a verified token, or undefined when nobody active has its `sub`. */
  find(token: Subject): Promise<Identity | undefined>
}

/**
 * Looks people up, and remembers each for `ttl_ms` (1000): a changed role or a deactivation acts within that time on
 * every process.
 */
export function createIdentities(db: Database, ttl_ms = 1000, limit = 10_000): Identities {
  const remembered = new Map<string, { readonly until: number; readonly identity: Promise<Identity | undefined> }>()

  return {
    find(token) {
      const subject = `${token.is_own} ${token.sub}`
      const known = remembered.get(subject)
      if (known !== undefined && known.until > performance.now()) return known.identity
      const identity = lookUp(db, token)
      identity.catch(() => remembered.delete(subject))
      remembered.delete(subject)
      remembered.set(subject, { until: performance.now() + ttl_ms, identity })
      const [oldest] = remembered.keys()
      if (remembered.size > limit && oldest !== undefined) remembered.delete(oldest)
      return identity
    },
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function lookUp(db: Database, { sub, is_own }: Subject): Promise<Identity | undefined> {
  const own_id = is_own && uuid.test(sub) ? sub : null
  const rows = await db.systemTx((tx) =>
    tx.query<Row>(sql`
      select user_id, email, full_name, agency_id, agency_name, agency_slug, role from app.memberships_of(${own_id}, ${sub})`),
  )
  const [first] = rows
  if (first === undefined) return undefined
  const memberships = rows.flatMap((row) =>
    row.agency_id === null || row.agency_name === null || row.agency_slug === null || row.role === null
      ? []
      : [{ agency_id: row.agency_id, agency_name: row.agency_name, agency_slug: row.agency_slug, role: row.role }],
  )
  return { user_id: first.user_id, email: first.email, full_name: first.full_name, memberships }
}
