// Loads in one statement what the rules are evaluated against: settings, local day, neighbours.
import sql, { type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import { PropertyNotFoundError } from '../../core/errors.ts'
import { all, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'
import { timeZone } from '../properties/local-day.ts'
import { max_buffer_days } from '../properties/schema.ts'
import { addDays, type Dates } from './days.ts'
import { hasNightIn, isCurrent } from './occupancies.ts'
import type { Buffers, Neighbour, RuleContext, Rules } from './rules.ts'

export interface Stay extends Dates {
  readonly property_id: string
}

const ruleFields = [
  'is_active',
  'min_nights',
  'max_nights',
  'buffer_days_before',
  'buffer_days_after',
  'arrival_weekdays',
  'departure_weekdays',
  'notice_days',
  'booking_window_days',
] as const satisfies readonly (keyof Rules)[]
export const ruleColumns = columns(ruleFields, 'p.')

/** The property columns that a booking needs. */
export interface BookableProperty {
  readonly name: string
  readonly is_active: boolean
  readonly max_guests: number
  readonly base_price_cents: number | null
  readonly cleaning_fee_cents: number
  readonly currency: string
}
const propertyColumns = columns(['name', 'max_guests', 'base_price_cents', 'cleaning_fee_cents', 'currency'], 'p.')

/** Properties p of agencies a whose calendar the caller may see. Row-level security applies the same filter. */
export function visibleProperties(tx: Tx): Sql {
  const own = findScope(tx.actor.role, 'availability:read') === 'own' ? sql`p.owner_id = ${tx.actor.id}` : undefined
  return all(sql`p.agency_id = ${tx.agency_id}`, sql`a.id = ${tx.agency_id}`, sql`p.deleted_at is null`, own)
}

/** A neighbour with the id of its booking, block or hold. */
export interface NeighbourWithId extends Neighbour {
  readonly id: string | null
}

export interface AvailabilityContext extends RuleContext {
  readonly property: BookableProperty
  readonly neighbour: NeighbourWithId | undefined
  /** Whether the ledger still has expired holds on these nights. */
  readonly has_expired: boolean
}

export interface ContextOptions {
  /** Id of a booking, block or hold whose own nights do not count. */
  readonly except?: string | undefined
  /** The sides of the stay on which occupancies within the buffer count as neighbours. */
  readonly buffers: Buffers
}

interface Row extends Rules, BookableProperty {
  readonly time_zone: string
  readonly neighbour: NeighbourWithId | null
  readonly has_expired: boolean
}

/**
 * Of several neighbours it returns one that overlaps the stay, else the first within the buffer. Expired holds are not
 * neighbours. Throws PropertyNotFoundError.
 */
export async function loadContext(
  tx: Tx,
  stay: Stay,
  { except, buffers }: ContextOptions,
): Promise<AvailabilityContext> {
  const { property_id, check_in, check_out } = stay
  const is_in_stay = hasNightIn(check_in, check_out)
  const bufferIf = (is_asked: boolean) =>
    sql`case when ${is_asked}::boolean then greatest(p.buffer_days_before, p.buffer_days_after) else 0 end`
  const from = sql`${check_in}::date - ${bufferIf(buffers.before)}`
  const to = sql`${check_out}::date + ${bufferIf(buffers.after)}`
  // The dates of the longest buffer are known before the row of the property is: they let the index be used.
  const nearby = hasNightIn(
    addDays(check_in, buffers.before ? -max_buffer_days : 0),
    addDays(check_out, buffers.after ? max_buffer_days : 0),
  )
  const occupant_id = sql`coalesce(o.booking_id, o.hold_id, o.block_id)`
  const row = await tx.maybe<Row>(sql`
    select ${ruleColumns}, ${propertyColumns}, ${timeZone} as time_zone, o.neighbour, o.has_expired
    from properties p
    join agencies a on a.id = p.agency_id
    cross join lateral (
      select coalesce(bool_or(o.expires_at <= now() and ${is_in_stay}), false) as has_expired,
        (array_agg(json_build_object('kind', o.kind, 'check_in', o.check_in, 'check_out', o.check_out,
            'id', ${occupant_id}) order by ${is_in_stay} desc, o.check_in)
          filter (where ${isCurrent}))[1] as neighbour
      from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id
        and ${nearby} and ${hasNightIn(from, to)}
        and (o.kind <> 'block' or ${is_in_stay})
        and (${except ?? null}::uuid is null or ${occupant_id} is distinct from ${except ?? null}::uuid)) o
    where ${visibleProperties(tx)} and p.id = ${property_id}`)
  if (row === undefined) throw new PropertyNotFoundError()
  const { time_zone, neighbour, has_expired } = row
  const today = localDay(tx.now(), time_zone)
  return { rules: row, property: row, today, neighbour: neighbour ?? undefined, has_expired }
}
