// Checks an actor's membership again inside the transaction, after queueing (docs/adr/0018).
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../auth/actors.ts'
import type { SystemTx, TransactionOptions } from './transaction.ts'

/** A membership verified longer ago is checked again at the start of the transaction. */
const max_age_ms = 1000

export interface Recheck extends Required<Pick<TransactionOptions, 'precheck' | 'recheck'>> {
  /** For a change to the actor's own membership, after it has been locked. COMMIT does not check again then. */
  now(tx: SystemTx): Promise<void>
  /** Call it before each attempt: discards the result of `now`. */
  reset(): void
}

/**
 * Checks only actors of requests; commands and jobs have no membership. The statement fails with RT401 or RT403 unless the
 * user is active, the token generation and the session are valid, and the membership still has the same role.
 */
export function createRecheck({ request }: Actor): Recheck {
  let is_done = false
  const statement = (): Sql | undefined =>
    request === undefined
      ? undefined
      : sql`select app.require_actor(${request.token_generation}, ${request.session_id})`
  return {
    precheck: () =>
      request !== undefined && performance.now() - request.verified_at > max_age_ms ? statement() : undefined,
    recheck: () => (is_done ? undefined : statement()),
    async now(tx) {
      const check = statement()
      if (check !== undefined) await tx.query(check)
      is_done = true
    },
    reset() {
      is_done = false
    },
  }
}
