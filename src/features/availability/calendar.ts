// Reads the calendar of a property, the overview of all properties, and the explanation of a stay.
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { PropertyNotFoundError } from '../../core/errors.ts'
import type { JsonText } from '../../core/json-text.ts'
import { limitByBytes, pageAsJson, readPage } from '../../core/postgres/pages.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'
import { timeZone } from '../properties/local-day.ts'
import { loadContext, type NeighbourWithId, ruleColumns, visibleProperties } from './context.ts'
import { requireRange, requireStay } from './days.ts'
import { hasNightIn, isCurrent } from './occupancies.ts'
import { canRead, nameOverlaps } from './overlaps.ts'
import { both_sides, evaluateRules, type Rules } from './rules.ts'
import {
  type Calendar,
  type CalendarQuery,
  type ExplainQuery,
  type Explanation,
  type Interval,
  max_overview_days,
  max_range_days,
  type Overview,
  type OverviewQuery,
} from './schema.ts'

/** Omits the id where the caller may not read the occupant. */
function toOccupied(tx: Tx, { kind, check_in, check_out, id }: NeighbourWithId) {
  return { kind, check_in, check_out, ...(canRead(tx, kind) && id !== null && { [`${kind}_id`]: id }) }
}

/** The free and taken intervals from `from` to `to`. Throws ValidationError, PropertyNotFoundError. */
export async function readCalendar(tx: Tx, { property_id, from, to }: CalendarQuery): Promise<Calendar> {
  requireRange({ from, to }, max_range_days)
  const row = await tx.maybe<Rules & { id: string; time_zone: string; occupied: NeighbourWithId[] }>(sql`
    select p.id, ${ruleColumns}, ${timeZone} as time_zone, o.occupied
    from properties p
    join agencies a on a.id = p.agency_id
    cross join lateral (
      select coalesce(json_agg(json_build_object('kind', o.kind, 'check_in', o.check_in, 'check_out', o.check_out,
        'id', coalesce(o.booking_id, o.block_id, o.hold_id)) order by o.check_in), '[]') as occupied
      from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id and ${hasNightIn(from, to)}
        and ${isCurrent}) o
    where ${visibleProperties(tx)} and p.id = ${property_id}`)
  if (row === undefined) throw new PropertyNotFoundError()
  const { id, time_zone, occupied, ...rules } = row
  const today = localDay(tx.now(), time_zone)
  const taken = occupied.map((neighbour) => toOccupied(tx, neighbour))
  return { property_id: id, from, to, today, rules, intervals: addFreeIntervals(taken, from, to) }
}

/** The taken intervals, clipped to the range, with the free intervals between them. */
function addFreeIntervals(taken: readonly Interval[], from: string, to: string): Interval[] {
  const intervals: Interval[] = []
  let day = from
  for (const one of taken) {
    const check_in = one.check_in < from ? from : one.check_in
    const check_out = one.check_out > to ? to : one.check_out
    if (day < check_in) intervals.push({ kind: 'free', check_in: day, check_out: check_in })
    intervals.push({ ...one, check_in, check_out })
    day = check_out
  }
  if (day < to) intervals.push({ kind: 'free', check_in: day, check_out: to })
  return intervals
}

/** The same in SQL: one entry of `occupied` as JSON. */
function occupiedAsJson(tx: Tx): Sql {
  const dates = sql`'check_in', o.check_in, 'check_out', o.check_out`
  const holds = canRead(tx, 'hold') ? sql`, 'hold_id', o.hold_id` : sql``
  return sql`case o.kind
    when 'booking' then json_build_object('kind', 'booking', ${dates}, 'booking_id', o.booking_id)
    when 'block' then json_build_object('kind', 'block', ${dates}, 'block_id', o.block_id)
    when 'hold' then json_build_object('kind', 'hold', ${dates}${holds})
    else json_build_object('kind', o.kind, ${dates}) end`
}

/** Larger than the pages of lists: the overview is meant to show all properties of an agency at once. */
const overview_bytes = 2 * 1024 * 1024

/**
 * All properties by name with their occupancies in the range, as JSON text. The database writes the JSON: parsing and
 * serialising thousands of rows takes longer than reading them. Throws ValidationError, CursorInvalidError.
 */
export async function readOverview(tx: Tx, cursors: Cursors, query: OverviewQuery): Promise<JsonText<Overview>> {
  const { from, to } = query
  requireRange({ from, to }, max_overview_days)
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor =
      after === undefined ? undefined : sql`(p.sort_name, p.id) > (app.sort_key(${after[0]}), ${after[1]}::uuid)`
    const select = sql`
      select p.name, p.id, json_build_object('property_id', p.id, 'name', p.name, 'is_active', p.is_active,
        'occupied', coalesce(o.occupied, '[]'))::text as json
      from properties p
      join agencies a on a.id = p.agency_id
      cross join lateral (
        select json_agg(${occupiedAsJson(tx)} order by o.check_in) as occupied
        from occupancies o
        where o.agency_id = ${tx.agency_id} and o.property_id = p.id and ${hasNightIn(from, to)}
          and ${isCurrent}) o
      where ${all(visibleProperties(tx), after_cursor)}
      order by p.sort_name, p.id limit ${limit}`
    return tx.query<{ name: string; id: string; json: JsonText<Overview['items'][number]> }>(
      limitByBytes(select, sql`octet_length(r.json)`, overview_bytes),
    )
  }
  const page = await readPage(tx, cursors, 'overview', query, read, ({ name, id }) => [name, id])
  return pageAsJson(page, { from, to })
}

/** Whether the stay can be booked, and the result of every rule. Throws ValidationError, PropertyNotFoundError. */
export async function explainStay(tx: Tx, stay: ExplainQuery): Promise<Explanation> {
  requireStay(stay, '/query')
  const context = await loadContext(tx, stay, { buffers: both_sides })
  const rules = evaluateRules(context, stay, 'all')
  const broken = rules.find(({ is_kept }) => !is_kept)
  const { neighbour } = context
  const is_taken = broken?.rule === 'nights_free' && neighbour !== undefined
  const named = is_taken ? await nameOverlaps(tx, stay, neighbour) : undefined
  return {
    is_bookable: broken === undefined,
    rule: broken?.rule ?? null,
    message: named?.message ?? broken?.message ?? 'The stay can be booked.',
    ...(neighbour !== undefined && { conflict: toOccupied(tx, neighbour) }),
    rules,
  }
}
