// The filters of the calendar as SQL, and the roles that may use them.
import sql, { type Sql } from 'sql-template-tag'
import { invalid } from '../../core/errors.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { visibleProperties } from '../availability/context.ts'
import { requireRange } from '../availability/days.ts'
import { hasNightIn, isCurrent } from '../availability/occupancies.ts'
import { hasWords, isInCity, refuseHiddenFilters } from '../properties/visibility.ts'
import { type CalendarQuery, max_days } from './schema.ts'

/** Conditions on properties p of agencies a. Throws ValidationError when the role may not use a filter. */
export function filtersOf(tx: Tx, query: CalendarQuery): Sql {
  const { q, city, guests, owner_id, is_active } = query
  refuseHiddenFilters(tx, { city, guests, owner_id })
  return all(
    visibleProperties(tx),
    q === undefined ? undefined : hasWords(tx, q),
    city === undefined ? undefined : isInCity(city),
    guests === undefined ? undefined : sql`p.max_guests >= ${guests}`,
    owner_id === undefined ? undefined : sql`p.owner_id = ${owner_id}`,
    is_active === undefined ? undefined : sql`p.is_active = ${is_active}`,
    freeNights(tx, query),
  )
}

function freeNights(tx: Tx, { free_from, free_to }: CalendarQuery): Sql | undefined {
  if (free_from === undefined && free_to === undefined) return undefined
  if (free_from === undefined) throw invalid('/query/free_to', 'requires free_from', 'NOT_ALONE')
  if (free_to === undefined) throw invalid('/query/free_from', 'requires free_to', 'NOT_ALONE')
  requireRange({ from: free_from, to: free_to }, max_days, { from: 'free_from', to: 'free_to' })
  return sql`not exists (
    select from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = p.id and ${hasNightIn(free_from, free_to)}
      and ${isCurrent})`
}
