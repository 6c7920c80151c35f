// What decides whether a stay is possible, in one statement: the property's rules, the local day, who is in the way.
import sql, { type Sql } from 'sql-template-tag'
import { scopeOf } from '../../core/auth.ts'
import { PropertyNotFoundError } from '../../core/errors.ts'
import { all, columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
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
  readonly neighbour: KnownNeighbour | undefined
}

export interface Look {
  /** The occupant that gives up nights of its own. */
  readonly except?: string | undefined
  /** Whether stays that are too near count as neighbours. */
  readonly buffers: boolean
  /** Removes expired holds from the nights; only with the property locked. */
  readonly clears?: boolean
}

interface Row extends Rules {
  readonly today: string
  readonly kind: Neighbour['kind'] | null
  readonly check_in: string
  readonly check_out: string
  readonly occupant_id: string | null
}

// The constraint cannot tell the time: what has expired goes before its nights are taken.
function clearing(tx: Tx, { property_id, check_in, check_out }: Stay): Sql {
  return sql`with expired as (
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${property_id} and o.expires_at <= now()
      and o.during && daterange(${check_in}, ${check_out}))`
}

/**
 * Reads what decides about the stay. Of several neighbours it is one with a taken night, else the first that is too near.
 * A hold that has expired is nobody's neighbour. Throws PropertyNotFoundError.
 */
export async function lookAt(tx: Tx, stay: Stay, { except, buffers, clears = false }: Look): Promise<KnownSituation> {
  const { property_id, check_in, check_out } = stay
  const row = await tx.maybe<Row>(sql`
    ${clears ? clearing(tx, stay) : sql``}
    select ${ruleColumns}, ${today} as today, o.kind, o.check_in, o.check_out, o.occupant_id
    from properties p
    join agencies a on a.id = p.agency_id
    left join lateral (
      select o.kind, lower(o.during) as check_in, upper(o.during) as check_out,
        coalesce(o.booking_id, o.hold_id, o.block_id) as occupant_id
      from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id
        and o.during && daterange(
          ${check_in}::date - case when ${buffers}::boolean then greatest(p.buffer_days_before, p.buffer_days_after) else 0 end,
          ${check_out}::date + case when ${buffers}::boolean then greatest(p.buffer_days_before, p.buffer_days_after) else 0 end)
        and (o.kind <> 'block' or o.during && daterange(${check_in}, ${check_out}))
        and (o.expires_at is null or o.expires_at > now())
        and (${except ?? null}::uuid is null
          or coalesce(o.booking_id, o.hold_id, o.block_id) is distinct from ${except ?? null}::uuid)
      order by o.during && daterange(${check_in}, ${check_out}) desc, lower(o.during)
      limit 1) o on true
    where ${seen(tx)} and p.id = ${property_id}`)
  if (row === undefined) throw new PropertyNotFoundError()
  const { today: day, kind, check_in: from, check_out: to, occupant_id: id, ...rules } = row
  return { rules, today: day, neighbour: kind === null ? undefined : { kind, check_in: from, check_out: to, id } }
}
