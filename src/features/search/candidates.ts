// Reads properties with what their booking rules are evaluated against, many in one statement.
import sql, { type Sql } from 'sql-template-tag'
import { all, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { ruleColumns, visibleProperties } from '../availability/context.ts'
import { addDays } from '../availability/days.ts'
import { hasNightIn, isCurrent } from '../availability/occupancies.ts'
import type { Neighbour, Rules } from '../availability/rules.ts'
import { parseAmenities } from '../properties/amenities.ts'
import { timeZone } from '../properties/local-day.ts'
import { max_buffer_days } from '../properties/schema.ts'
import { hasWords, isInCity, refuseHiddenFilters, seesDetails } from '../properties/visibility.ts'
import { detailFields, type FreeProperty, type SearchQuery } from './schema.ts'

export interface Candidate {
  /** With the fields that the role may see. */
  readonly property: FreeProperty
  readonly rules: Rules
  readonly time_zone: string
  /** What takes nights on the dates, in the days of `range` around them, or within a buffer of these. */
  readonly occupants: readonly Neighbour[]
}

export interface CandidateRange {
  /** Sort keys of the property after which the page starts. */
  readonly after: readonly string[] | undefined
  readonly limit: Sql
  /** Days before and after the stay whose occupants are needed. */
  readonly days_around: number
}

/** Properties by name, filtered by capacity, price and texts. Inactive ones are among them: that is a rule. */
export async function loadCandidates(
  tx: Tx,
  query: SearchQuery,
  { after, limit, days_around }: CandidateRange,
): Promise<Candidate[]> {
  const reach = days_around + max_buffer_days
  const fields = ['id', 'name', ...(seesDetails(tx) ? detailFields : [])]
  const after_cursor = after && sql`(p.sort_name, p.id) > (app.sort_key(${after[0]}), ${after[1]}::uuid)`
  const rows = await tx.query<FreeProperty & Rules & { time_zone: string; occupants: Neighbour[] }>(sql`
    select p.*, o.occupants
    from (
      select ${columns(fields, 'p.')}, p.sort_name, ${ruleColumns}, ${timeZone} as time_zone
      from properties p join agencies a on a.id = p.agency_id
      where ${all(visibleProperties(tx), filtersOf(tx, query), after_cursor)}
      order by p.sort_name, p.id limit ${limit}) p
    cross join lateral (
      select coalesce(json_agg(json_build_object('kind', o.kind, 'check_in', o.check_in, 'check_out', o.check_out)
        order by o.check_in), '[]') as occupants
      from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id
        and ${hasNightIn(addDays(query.check_in, -reach), addDays(query.check_out, reach))}
        and ${isCurrent}) o
    order by p.sort_name, p.id`)
  return rows.map(({ time_zone, occupants, ...row }) => ({
    property: Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name))) as FreeProperty,
    rules: row,
    time_zone,
    occupants,
  }))
}

/** Throws ValidationError for a filter by what the role does not see. */
function filtersOf(tx: Tx, { guests, q, city, currency, max_base_price_cents, amenities }: SearchQuery): Sql {
  refuseHiddenFilters(tx, { city, currency, max_base_price_cents, amenities })
  return all(
    sql`p.max_guests >= ${guests}`,
    q === undefined ? undefined : hasWords(tx, q),
    city === undefined ? undefined : isInCity(city),
    currency === undefined ? undefined : sql`p.currency = ${currency}`,
    amenities === undefined ? undefined : sql`p.amenities @> ${parseAmenities(amenities, '/query/amenities')}::text[]`,
    max_base_price_cents === undefined ? undefined : sql`p.base_price_cents <= ${max_base_price_cents}`,
  )
}
