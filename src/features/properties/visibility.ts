// Which properties, and what of them, a role sees in lists of other features: calendar, search, today, reports.
import sql, { type Sql } from 'sql-template-tag'
import { findScope, type Permission } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import { containsWords } from '../../core/postgres/search.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { nameAndCity } from './properties.ts'

/** Whether the role sees more of properties than their ids and names. */
export const seesDetails = (tx: Tx): boolean => findScope(tx.actor.role, 'properties:read') !== undefined

/** What a role may not see it may not search by: throws ValidationError for the first of these filters that is given. */
export function refuseHiddenFilters(tx: Tx, filters: Readonly<Record<string, unknown>>): void {
  const [name] = Object.entries(filters).find(([, value]) => value !== undefined) ?? []
  if (name === undefined || seesDetails(tx)) return
  throw invalid(`/query/${name}`, 'your role cannot see this field', 'NOT_FOR_YOUR_ROLE')
}

/** Properties p in the role's scope of the permission, deleted ones included: what was booked there remains. */
export function inScope(tx: Tx, permission: Permission): Sql {
  const own = findScope(tx.actor.role, permission) === 'own' ? sql`p.owner_id = ${tx.actor.id}` : undefined
  return all(sql`p.agency_id = ${tx.agency_id}`, own)
}

/** Properties p whose name or city has the words of `q`; only the name for roles that do not see the city. */
export const hasWords = (tx: Tx, q: string): Sql =>
  containsWords(seesDetails(tx) ? nameAndCity : sql`app.search_text(p.name)`, q)

/** Properties p in this city, in any case, with or without accents. */
export const isInCity = (city: string): Sql => sql`app.folded(p.city) = app.folded(${city})`
