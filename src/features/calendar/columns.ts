// The columns of the calendar that each role sees, and how PostgreSQL writes them as JSON.
import sql, { join, raw, type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { canRead } from '../availability/overlaps.ts'
import { readScope } from '../bookings/filters.ts'
import { visibleFields } from '../bookings/schema.ts'
import { timeZone } from '../properties/local-day.ts'
import { seesDetails } from '../properties/visibility.ts'

/** Name in the answer -> expression. */
export type Columns = Readonly<Record<string, Sql>>

const propertyFields = ['city', 'max_guests', 'bedrooms', 'owner_id', 'base_price_cents', 'currency', 'version']

/** Of properties p of agencies a. Accountants, who may not read properties, see the same as in the overview. */
export function propertyColumns(tx: Tx): Columns {
  const more = propertyFields.map((name) => [name, columns([name], 'p.')])
  return {
    id: sql`p.id`,
    name: sql`p.name`,
    is_active: sql`p.is_active`,
    time_zone: timeZone,
    ...(seesDetails(tx) && Object.fromEntries(more)),
  }
}

/** Of rows with a stay: the property of the CTE `home`, and days as integers. */
const stayColumns = (table: 'o' | 'c'): Columns => ({
  property: sql`h.n`,
  first_day: sql`(${columns(['check_in'], `${table}.`)} - date '1970-01-01')`,
  nights: sql`(${columns(['check_out'], `${table}.`)} - ${columns(['check_in'], `${table}.`)})`,
})

const bookingFields = [
  'reference',
  'status',
  'source',
  'payment_status',
  'total_cents',
  'currency',
  'paid_cents',
  'num_guests',
] as const

/** The columns of bookings that the role sees. */
export function bookingFieldsOf(tx: Tx): string[] {
  const visible: readonly string[] = visibleFields[readScope(tx)]
  return bookingFields.filter((name) => visible.includes(name))
}

/** As the API returns times (RFC 3339, UTC, milliseconds). */
const expiresAt = sql`to_char(o.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Of occupancies o with their bookings b. Blocks and holds are few: only their rows are looked up. */
export function occupantColumns(tx: Tx): Columns {
  const reads_holds = canRead(tx, 'hold')
  const booking = bookingFieldsOf(tx).map((name) => [name, columns([name], 'b.')])
  const ofBlock = (name: 'reason' | 'version') => sql`(
    select ${columns([name], 'k.')} from blocks k where k.agency_id = ${tx.agency_id} and k.id = o.block_id)`
  const ofHold = sql`(select e.version from holds e where e.agency_id = ${tx.agency_id} and e.id = o.hold_id)`
  return {
    ...stayColumns('o'),
    kind: sql`o.kind`,
    id: reads_holds ? sql`coalesce(o.booking_id, o.block_id, o.hold_id)` : sql`coalesce(o.booking_id, o.block_id)`,
    version: sql`case o.kind when 'booking' then b.version when 'block' then ${ofBlock('version')}
      when 'hold' then ${reads_holds ? ofHold : sql`null::int`} end`,
    reason: sql`case o.kind when 'block' then ${ofBlock('reason')} end`,
    ...(reads_holds && { expires_at: expiresAt }),
    ...Object.fromEntries(booking),
    ...(readScope(tx) !== 'finance' && { guest_name: sql`b.guest_name` }),
  }
}

/** Of open conflicts c. */
export function conflictColumns(tx: Tx): Columns {
  const fields = ['id', 'kind', 'source', 'external_code', 'booking_id', 'other_kind', 'other_booking_id', 'version']
  const is_own = findScope(tx.actor.role, 'conflicts:read') === 'own'
  const guest = sql`(
    select g.first_name || ' ' || g.last_name from guests g
    where g.agency_id = ${tx.agency_id} and g.id = c.guest_id)`
  return {
    ...stayColumns('c'),
    ...Object.fromEntries(fields.map((name) => [name, columns([name], 'c.')])),
    ...(!is_own && { guest_name: guest }),
  }
}

/** `expression as name, …` */
export function selectList(all: Columns): Sql {
  return join(Object.entries(all).map(([name, expression]) => sql`${expression} as ${columns([name])}`))
}

/**
 * The JSON text of the rows of a FROM item x, in its order: {"name":[…],…}. Arrays and not json_agg, which takes several times as long
 * for numbers and texts.
 */
export function asColumns(all: Columns): Sql {
  const arrays = Object.keys(all).map(
    (name) => sql`'${raw(name)}', coalesce(array_agg(${columns([name], 'x.')}), '{}')`,
  )
  return sql`json_build_object(${join(arrays)})::text`
}
