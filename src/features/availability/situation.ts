// What decides whether a stay is possible, in one statement: the property's rules, the local day, who is in the way.
import sql, { type Sql } from 'sql-template-tag'
import { scopeOf } from '../../core/auth/permissions.ts'
import { PropertyNotFoundError } from '../../core/errors.ts'
import { all, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Neighbour, Rules, Situation } from './rules.ts'

/** Half-open local dates: the night of check_out is free. */
export interface Stay {
  readonly property_id: string
  readonly check_in: string
  readonly check_out: string
}

export const ruleFields = [
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

/** What else a booking needs to know of its property. */
export interface Home {
  readonly name: string
  readonly is_active: boolean
  readonly max_guests: number
  readonly base_price_cents: number | null
  readonly cleaning_fee_cents: number
  readonly currency: string
}
const homeColumns = columns(['name', 'max_guests', 'base_price_cents', 'cleaning_fee_cents', 'currency'], 'p.')

/** The local day of agency a. */
export const today = sql`(now() at time zone a.time_zone)::date`

/** The properties whose calendar the caller may see: said here as well as in row-level security. */
export function seen(tx: Tx): Sql {
  const own = scopeOf(tx.actor.role, 'availability:read') === 'own' ? sql`p.owner_id = ${tx.actor.user_id}` : undefined
  return all(sql`p.agency_id = ${tx.agency_id}`, sql`a.id = ${tx.agency_id}`, sql`p.deleted_at is null`, own)
}

/** A neighbour, and the id of the booking, block or hold it is. */
export interface KnownNeighbour extends Neighbour {
  readonly id: string | null
}

/** A situation whose neighbour can be looked up. */
export interface KnownSituation extends Situation {
  readonly home: Home
  readonly neighbour: KnownNeighbour | undefined
  /** Whether the ledger still has holds on these nights that have run out. */
  readonly has_expired: boolean
}

export interface Look {
  /** The occupant that gives up nights of its own. */
  readonly except?: string | undefined
  /** Whether stays that are too near count as neighbours. */
  readonly buffers: boolean
}

interface Row extends Rules, Home {
  readonly today: string
  readonly neighbour: KnownNeighbour | null
  readonly has_expired: boolean
}

/**
 * Reads what decides about the stay. Of several neighbours it is one with a taken night, else the first that is too near.
 * A hold that has expired is nobody's neighbour. Throws PropertyNotFoundError.
 */
export async function lookAt(tx: Tx, stay: Stay, { except, buffers }: Look): Promise<KnownSituation> {
  const { property_id, check_in, check_out } = stay
  const nights = sql`daterange(${check_in}, ${check_out})`
  const pause = sql`case when ${buffers}::boolean then greatest(p.buffer_days_before, p.buffer_days_after) else 0 end`
  const occupant_id = sql`coalesce(o.booking_id, o.hold_id, o.block_id)`
  const row = await tx.maybe<Row>(sql`
    select ${ruleColumns}, ${homeColumns}, ${today} as today, o.neighbour, o.has_expired
    from properties p
    join agencies a on a.id = p.agency_id
    cross join lateral (
      select coalesce(bool_or(o.expires_at <= now() and o.during && ${nights}), false) as has_expired,
        (array_agg(json_build_object('kind', o.kind, 'check_in', lower(o.during), 'check_out', upper(o.during),
            'id', ${occupant_id}) order by o.during && ${nights} desc, lower(o.during))
          filter (where o.expires_at is null or o.expires_at > now()))[1] as neighbour
      from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id
        and o.during && daterange(${check_in}::date - ${pause}, ${check_out}::date + ${pause})
        and (o.kind <> 'block' or o.during && ${nights})
        and (${except ?? null}::uuid is null or ${occupant_id} is distinct from ${except ?? null}::uuid)) o
    where ${seen(tx)} and p.id = ${property_id}`)
  if (row === undefined) throw new PropertyNotFoundError()
  const { today: day, neighbour, has_expired } = row
  return { rules: row, home: row, today: day, neighbour: neighbour ?? undefined, has_expired }
}
