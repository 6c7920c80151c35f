// Remembers admins, so that /ops can tell what is wrong while the database does not respond.
import type { Identity } from './memberships.ts'

export interface RememberedAdmins {
  /** Remembers an identity as it was read from the database, if it has the role admin in an agency. */
  keep(subject: string, identity: Identity | undefined): void
  /** The identity that was read at most 24 hours ago. */
  recall(subject: string): Identity | undefined
  forget(user_id: string): void
}

/** Longer than the interval of a daily check, so that its caller is known when the outage begins. */
const lifetime_ms = 24 * 60 * 60 * 1000
const max_entries = 1000

/** `now`: the clock of Identity.verified_at, in milliseconds. */
export function createRememberedAdmins(now = () => performance.now()): RememberedAdmins {
  const admins = new Map<string, Identity>()

  return {
    keep(subject, identity) {
      admins.delete(subject)
      if (identity === undefined || !identity.memberships.some(({ role }) => role === 'admin')) return
      admins.set(subject, identity)
      const [oldest] = admins.keys()
      if (admins.size > max_entries && oldest !== undefined) admins.delete(oldest)
    },
    recall(subject) {
      const identity = admins.get(subject)
      return identity !== undefined && now() - identity.verified_at < lifetime_ms ? identity : undefined
    },
    forget(user_id) {
      for (const [subject, identity] of admins) if (identity.user_id === user_id) admins.delete(subject)
    },
  }
}
