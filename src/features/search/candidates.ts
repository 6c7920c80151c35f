// Reads properties with what their booking rules are evaluated against, many in one statement.
import sql, { type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import { containsWords } from '../../core/postgres/search.ts'
import { all, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { ruleColumns, visibleProperties } from '../availability/context.ts'
import { addDays } from '../availability/days.ts'
import { hasNightIn } from '../availability/occupancies.ts'
import type { Neighbour, Rules } from '../availability/rules.ts'
import { timeZone } from '../properties/local-day.ts'
import { nameAndCity } from '../properties/properties.ts'
import { max_buffer_days } from '../properties/schema.ts'
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
        and (o.expires_at is null or o.expires_at > now())) o
    order by p.sort_name, p.id`)
  return rows.map(({ time_zone, occupants, ...row }) => ({
    property: Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name))) as FreeProperty,
    rules: row,
    time_zone,
    occupants,
  }))
}

function seesDetails(tx: Tx): boolean {
  return findScope(tx.actor.role, 'properties:read') !== undefined
}

/** Throws ValidationError for a filter by what the role does not see. */
function filtersOf(tx: Tx, { guests, q, city, currency, max_base_price_cents }: SearchQuery): Sql {
  for (const [name, value] of Object.entries({ city, currency, max_base_price_cents })) {
    if (value === undefined || seesDetails(tx)) continue
    throw invalid(`/query/${name}`, 'your role cannot see this field', 'NOT_FOR_YOUR_ROLE')
  }
  const searched = seesDetails(tx) ? nameAndCity : sql`app.search_text(p.name)`
  return all(
    sql`p.max_guests >= ${guests}`,
    q === undefined ? undefined : containsWords(searched, q),
    city === undefined ? undefined : sql`app.folded(p.city) = app.folded(${city})`,
    currency === undefined ? undefined : sql`p.currency = ${currency}`,
    max_base_price_cents === undefined ? undefined : sql`p.base_price_cents <= ${max_base_price_cents}`,
  )
}
