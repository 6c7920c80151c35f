// Which properties have changed since a position, for answers that contain only these.
import sql from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import type { Tx } from '../../core/postgres/transaction.ts'

/** More events or properties than these: the whole calendar is as cheap. */
const max_events = 2000
const max_changed = 500

/** Records that the calendar does not show. */
const others: readonly string[] = ['feature', 'session', 'team_invitation', 'team_member']

interface Event {
  readonly entity_type: string | null
  readonly entity_id: string
  readonly property_id: string | null
  readonly former_property_id: string | null
}

/** The number of the last event. Statements after this one read every change up to it. */
export async function readPosition(tx: Tx): Promise<number> {
  const { position } = await tx.one<{ position: number }>(sql`select app.last_event() as position`)
  return position
}

/**
 * The properties with a change in the events after `since` up to `position`, and those with a hold that has expired: there is no
 * event until its occupancy is deleted. Undefined when everything has to be read: the position is unknown or old, the agency or
 * many properties have changed, or the caller is an owner, for whom a property that gets another owner has no event.
 */
export async function changedProperties(tx: Tx, since: number, position: number): Promise<string[] | undefined> {
  if (findScope(tx.actor.role, 'availability:read') === 'own') return undefined
  if (since > position || position - since > max_events) return undefined
  const events = await tx.query<Event>(sql`
    select s.entity_type, s.entity_id, s.property_id, s.former_property_id from audit_seals s
    where s.agency_id = ${tx.agency_id} and s.seq > ${since} and s.seq <= ${position}`)
  const shown = events.filter(({ entity_type }) => entity_type === null || !others.includes(entity_type))
  const guests = shown.filter(({ entity_type }) => entity_type === 'guest')
  const placed = shown.filter(({ property_id }) => property_id !== null)
  if (guests.length + placed.length < shown.length) return undefined
  const found = await tx.query<{ id: string }>(sql`
    select b.property_id as id from bookings b
    where b.agency_id = ${tx.agency_id} and b.guest_id = any (${guests.map(({ entity_id }) => entity_id)}::uuid[])
    union select c.property_id from booking_conflicts c
    where c.agency_id = ${tx.agency_id} and c.guest_id = any (${guests.map(({ entity_id }) => entity_id)}::uuid[])
    union select o.property_id from occupancies o
    where o.agency_id = ${tx.agency_id} and o.hold_id is not null and o.expires_at <= now()`)
  const ids = new Set([...placed.flatMap(propertiesOf), ...found.map(({ id }) => id)])
  return ids.size > max_changed ? undefined : [...ids]
}

const propertiesOf = ({ property_id, former_property_id }: Event) =>
  [property_id, former_property_id].filter((id) => id !== null)
