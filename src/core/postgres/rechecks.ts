// Looks at an actor's membership again in the transaction itself, so that no wait outlives it (docs/adr/0018).
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../auth/permissions.ts'
import type { Opening, SystemTx } from './transaction.ts'

/** A membership that was verified longer ago is looked at again before anything is read or locked. */
const fresh_ms = 1000

export interface Recheck extends Required<Pick<Opening, 'precheck' | 'recheck'>> {
  /** For a verb that is about to change the actor's own membership, which it has locked. COMMIT does not check again. */
  now(tx: SystemTx): Promise<void>
  /** The transaction begins from the start: whatever `now` has seen does not count. */
  restart(): void
}

/**
 * Only for actors of requests: commands and jobs act for nobody who could be removed. The statement fails with RT401 or
 * RT403 unless the person is active, the token's generation and session hold and the membership has the same role.
 */
export function createRecheck({ request }: Actor): Recheck {
  let is_done = false
  const statement = (): Sql | undefined =>
    request === undefined
      ? undefined
      : sql`select app.require_actor(${request.token_generation}, ${request.session_id})`
  return {
    precheck: () =>
      request !== undefined && performance.now() - request.verified_at > fresh_ms ? statement() : undefined,
    recheck: () => (is_done ? undefined : statement()),
    async now(tx) {
      const check = statement()
      if (check !== undefined) await tx.query(check)
      is_done = true
    },
    restart() {
      is_done = false
    },
  }
}
