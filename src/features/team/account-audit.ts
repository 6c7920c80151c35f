// Audit entries about a person's own account, in each of their agencies.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import type { SystemTx } from '../../core/postgres/transaction.ts'

type AccountEvent = 'member.password_reset' | 'member.email_changed' | 'member.profile_changed'

/** Adds the entries in the transaction of the change. `details` hold no name and no address. */
export async function auditAccount(
  tx: SystemTx,
  person: { readonly id: string; readonly request_id: string },
  event: AccountEvent,
  details: object = {},
): Promise<void> {
  const agencies = await tx.query<{ agency_id: string | null }>(sql`
    select agency_id from app.memberships_of(${person.id}, ${null})`)
  for (const { agency_id } of agencies) {
    if (agency_id === null) continue
    tx.queue(sql`
      select app.audit_account(${person.id}, ${agency_id}, ${randomUUIDv7()}, ${person.request_id}, ${event},
        ${JSON.stringify(details)}::jsonb)`)
  }
}
