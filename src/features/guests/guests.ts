// The person a stay is booked for, found again by e-mail inside the agency.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { recordAudit } from '../../core/audit.ts'
import { invalid } from '../../core/errors.ts'
import type { Tx } from '../../core/transaction.ts'
import type { NewGuest } from './schema.ts'

/** The guest's id. A known e-mail keeps its guest; name and phone become what was given now. Throws ValidationError. */
export async function saveGuest(tx: Tx, input: NewGuest): Promise<string> {
  const email = input.email?.toLowerCase() ?? null
  const { id, is_new } = await tx.one<{ id: string; is_new: boolean }>(sql`
    insert into guests as g (agency_id, id, first_name, last_name, email, phone)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${input.first_name}, ${input.last_name}, ${email}, ${digits(input.phone)})
    on conflict (agency_id, email) do update set
      first_name = excluded.first_name, last_name = excluded.last_name, phone = coalesce(excluded.phone, g.phone)
    returning g.id, (xmax = 0) as is_new`)
  await recordAudit(tx, { action: is_new ? 'guest.created' : 'guest.updated', entity_type: 'guest', entity_id: id })
  return id
}

function digits(phone: string | undefined): string | null {
  if (phone === undefined) return null
  const compact = phone.replaceAll(/[ ()./-]/g, '')
  if (!/^\+?[0-9]{7,15}$/.test(compact)) throw invalid('/guest/phone', 'must have 7 to 15 digits')
  return compact
}
