// Reads the calendar of all properties as columns. The database writes the JSON: rows are not parsed and serialised again.
import sql, { type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import type { JsonText } from '../../core/json-text.ts'
import { all, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireRange } from '../availability/days.ts'
import { hasNightIn, isCurrent } from '../availability/occupancies.ts'
import {
  asColumns,
  bookingFieldsOf,
  type Columns,
  conflictColumns,
  occupantColumns,
  propertyColumns,
  selectList,
} from './columns.ts'
import { filtersOf } from './filters.ts'
import {
  type CalendarQuery,
  max_bytes,
  max_days,
  max_occupants,
  max_properties,
  type PropertyCalendars,
} from './schema.ts'
import { changedProperties, readPosition } from './since.ts'

/** Throws ValidationError: for dates and filters, or when the answer would exceed its limits. */
export async function readCalendars(tx: Tx, query: CalendarQuery): Promise<JsonText<PropertyCalendars>> {
  const { from, to, since } = query
  requireRange(query, max_days)
  const filters = filtersOf(tx, query)
  if (since === undefined) {
    // The first statement runs first: the second one reads every change up to the position.
    const [position, found] = await Promise.all([readPosition(tx), readColumns(tx, query, filters)])
    return answer({ from, to, position, is_complete: true, removed_property_ids: [] }, found)
  }
  const position = await readPosition(tx)
  const changed = await changedProperties(tx, since, position)
  const wanted = changed && sql`p.id = any (${changed}::uuid[])`
  const found = await readColumns(tx, query, all(filters, wanted))
  const shown = new Set(found.property_ids)
  const removed_property_ids = (changed ?? []).filter((id) => !shown.has(id))
  return answer({ from, to, position, is_complete: changed === undefined, removed_property_ids }, found)
}

type Front = Pick<PropertyCalendars, 'from' | 'to' | 'position' | 'is_complete' | 'removed_property_ids'>

function answer(front: Front, { properties, occupants, conflicts }: Found): JsonText<PropertyCalendars> {
  const more = conflicts === null ? '' : `,"conflicts":${conflicts}`
  const json = `${JSON.stringify(front).slice(0, -1)},"properties":${properties},"occupants":${occupants}${more}}`
  return json as JsonText<PropertyCalendars>
}

interface Found {
  readonly property_ids: readonly string[] | null
  /** JSON texts; null when the answer would exceed its limits. */
  readonly properties: string | null
  readonly occupants: string | null
  /** Null also when the role may not read conflicts. */
  readonly conflicts: string | null
  readonly num_properties: number
  readonly num_occupants: number
  readonly num_conflicts: number
}

async function readColumns(tx: Tx, query: CalendarQuery, filters: Sql): Promise<Found> {
  const found = await tx.one<Found>(statement(tx, query, filters))
  if (found.num_properties > max_properties) {
    const message = `more than ${max_properties} properties match: filter by q, city, guests, owner_id or is_active`
    throw invalid('/query', message, 'TOO_MANY_PROPERTIES')
  }
  const is_over = Math.max(found.num_occupants, found.num_conflicts) > max_occupants
  if (is_over || found.properties === null) {
    const size = `${max_occupants} occupants or ${max_bytes / 1024 / 1024} MB`
    throw invalid('/query/to', `the answer would have more than ${size}: ask for fewer days or properties`, 'TOO_LARGE')
  }
  return found
}

/** One more row than the limits, which shows that they are exceeded. */
function statement(tx: Tx, query: CalendarQuery, filters: Sql): Sql {
  const properties = propertyColumns(tx)
  const is_small = sql`coalesce(octet_length(p.json), 0) + coalesce(octet_length(o.json), 0)
    + coalesce(octet_length(c.json), 0) <= ${max_bytes}`
  return sql`
    with home as materialized (
      select (row_number() over (order by p.sort_name, p.id) - 1)::int as n, ${selectList(properties)}
      from properties p join agencies a on a.id = p.agency_id
      where ${filters} order by p.sort_name, p.id limit ${max_properties + 1})
    select p.num as num_properties, o.num as num_occupants, c.num as num_conflicts,
      case when ${query.since !== undefined}::boolean then (select array_agg(i.id) from home i) end as property_ids,
      case when ${is_small} then p.json end as properties, case when ${is_small} then o.json end as occupants,
      case when ${is_small} then c.json end as conflicts
    from (${written(properties, sql`select h.* from home h order by h.n`)}) p,
      (${written(occupantColumns(tx), occupants(tx, query))}) o,
      (${conflicts(tx, query)}) c`
}

/** One row: how many rows `select` has, and their JSON. */
const written = (shown: Columns, select: Sql) => sql`
  select count(*)::int as num, ${asColumns(shown)} as json from (${select}) x`

/**
 * Each property with its occupancies, each of these with its booking, in the order of the properties. OFFSET 0 keeps the planner from
 * flattening the subqueries: as a join, a wrong estimate could read all bookings of the agency.
 */
function occupants(tx: Tx, { from, to }: CalendarQuery): Sql {
  return sql`
    select ${selectList(occupantColumns(tx))} from home h
    cross join lateral (
      select o.kind, o.check_in, o.check_out, o.expires_at, o.booking_id, o.block_id, o.hold_id from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = h.id and ${hasNightIn(from, to)}
        and ${isCurrent} offset 0) o
    left join lateral (
      select b.version, ${columns(bookingFieldsOf(tx), 'b.')}, ${guestNameOf(tx)} as guest_name from bookings b
      where b.agency_id = ${tx.agency_id} and b.id = o.booking_id offset 0) b on o.booking_id is not null
    limit ${max_occupants + 1}`
}

/** The guest as given for the booking b; for bookings from before that was kept, as it is now. Owners see the last name. */
function guestNameOf(tx: Tx): Sql {
  const scope = findScope(tx.actor.role, 'bookings:read')
  if (scope === 'finance') return sql`null::text`
  const [given, current] =
    scope === 'own'
      ? [sql`b.guest_last_name`, sql`g.last_name`]
      : [sql`b.guest_first_name || ' ' || b.guest_last_name`, sql`g.first_name || ' ' || g.last_name`]
  return sql`case when b.guest_last_name is not null then ${given} else (
    select ${current} from guests g where g.agency_id = ${tx.agency_id} and g.id = b.guest_id) end`
}

/** Open conflicts with a night in the range. */
function conflicts(tx: Tx, { from, to }: CalendarQuery): Sql {
  if (findScope(tx.actor.role, 'conflicts:read') === undefined) return sql`select 0 as num, null::text as json`
  return written(
    conflictColumns(tx),
    sql`
      select ${selectList(conflictColumns(tx))} from home h
      join booking_conflicts c on c.agency_id = ${tx.agency_id} and c.property_id = h.id
      where c.resolved_at is null and c.check_out > ${from} and c.check_in < ${to}
      order by h.n, c.check_in, c.id limit ${max_occupants + 1}`,
  )
}
