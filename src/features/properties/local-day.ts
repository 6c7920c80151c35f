// The local day of a property: of its own time zone, or else of the agency's.
import sql from 'sql-template-tag'
import { PropertyNotFoundError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'

/** The time zone of property p of agency a. */
export const timeZone = sql`coalesce(p.time_zone, a.time_zone)`

/** Today (YYYY-MM-DD) in the property, a deleted one included. Throws PropertyNotFoundError. */
export async function todayIn(tx: Tx, property_id: string): Promise<string> {
  const row = await tx.maybe<{ time_zone: string }>(sql`
    select ${timeZone} as time_zone from properties p join agencies a on a.id = p.agency_id
    where p.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and p.id = ${property_id}`)
  if (row === undefined) throw new PropertyNotFoundError()
  return localDay(tx.now(), row.time_zone)
}
