// One agency with very many rows in every list, and a selective value for each filter.

import { north, players } from './cast.ts'
import { dereference } from './openapi-document.ts'

interface Connection {
  query(text: string): Promise<unknown>
}

export interface Rows {
  readonly audit_log: number
  readonly bookings: number
  /** In each of the other lists. */
  readonly others: number
}

const id = (kind: number, n: string) => `('000000${kind}0-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`
const property = (n: string) => id(9, `1 + ${n} % 100`)

/** Values of the oldest rows of the agency, which few rows have. */
export const rare = {
  entity_id: '00000080-0000-7000-8000-000000000001',
  request_id: 'the first request',
  property_id: '00000090-0000-7000-8000-000000000001',
} as const

/** Fills the north agency. The connection needs a superuser: foreign keys are not checked while the rows are inserted. */
export async function fillAgency(connection: Connection, rows: Rows): Promise<void> {
  await connection.query(
    "set session_replication_role = 'replica'; set synchronous_commit = off; set work_mem = '64MB'",
  )
  for (const [name, statement] of Object.entries(statements(rows))) {
    await connection.query(statement)
    await connection.query(`vacuum analyze ${name}`)
  }
  await connection.query(
    "update app.audit_sealing set sealed_snapshot = pg_current_snapshot(); set session_replication_role = 'origin'",
  )
}

function statements({ audit_log, bookings, others }: Rows): Record<string, string> {
  const each = (count: number) => `from generate_series(1, ${count}) n`
  return {
    properties: `
      insert into properties (agency_id, id, owner_id, name, property_type, max_guests, city, base_price_cents, currency)
      select '${north}', ${id(9, 'n')}, case when n = ${others} then '${players.owner.user_id}'::uuid end,
        'House ' || n, 'house', 4, 'Town', 10000, 'EUR' ${each(others)}`,
    guests: `
      insert into guests (agency_id, id, first_name, last_name, email)
      select '${north}', ${id(7, 'n')}, 'Guest', 'Number ' || n, 'guest-' || n || '@example.net' ${each(bookings)}`,
    // Every tenth booking and the thousand latest ones are deleted.
    bookings: `
      insert into bookings (agency_id, id, reference, property_id, guest_id, status, check_in, check_out, num_adults,
        subtotal_cents, total_cents, currency, cancelled_at, deleted_at, updated_at)
      select '${north}', ${id(8, 'n')}, 'R' || n, ${property('n')}, ${id(7, 'n')}, 'cancelled',
        date '2020-01-01' + (n * 3650::bigint / ${bookings})::int, date '2020-01-03' + (n * 3650::bigint / ${bookings})::int, 2,
        10000, 10000, 'EUR', now(),
        case when n % 10 = 0 or n > ${bookings} - 1000 then now() end, now() - n * interval '1 second' ${each(bookings)}`,
    audit_log: `
      insert into audit_log (agency_id, id, created_at, request_id, actor_id, actor_role, action, entity_type, entity_id)
      select '${north}', ${id(6, 'n')}, now() - (${audit_log} - n) * interval '1 second',
        case when n <= 10 then '${rare.request_id}' else 'request ' || n end,
        case when n <= 10 then '${players.staff.user_id}'::uuid else '${players.admin.user_id}'::uuid end, 'admin',
        case when n <= 10 then 'agency.updated' else 'booking.updated' end, case when n <= 10 then 'agency' else 'booking' end,
        ${id(8, '1 + n % 1000')} ${each(audit_log)}`,
    blocks: `
      insert into blocks (agency_id, id, property_id, start_date, end_date, reason)
      select '${north}', ${id(5, 'n')}, ${property('n')}, date '2000-01-01' + n / 10, date '2000-01-02' + n / 10, 'other'
      ${each(others)}`,
    booking_conflicts: `
      insert into booking_conflicts (agency_id, id, kind, property_id, source, external_code, check_in, check_out, facts, created_at)
      select '${north}', ${id(9, 'n')}, 'overlap', ${property('n')}, 'airbnb', 'code ' || n, date '2030-01-01', date '2030-01-02',
        '{"currency":"EUR"}', now() - n * interval '1 second' ${each(others)}`,
    holds: `
      insert into holds (agency_id, id, property_id, check_in, check_out, expires_at, created_at)
      select '${north}', ${id(4, 'n')}, ${property('n')}, date '2030-01-01', date '2030-01-02', now() - interval '1 day',
        now() - n * interval '1 second' ${each(others)}`,
    users: `
      insert into users (id, email, full_name, email_proven_at, email_proven_by)
        select ${id(3, 'n')}, 'member-' || n || '@example.net', 'Member ' || n, now(), 'operator' ${each(others)}`,
    team_members: `
      insert into team_members (agency_id, id, user_id, role)
      select '${north}', ${id(3, 'n')}, ${id(3, 'n')}, 'staff' ${each(others)}`,
    team_invitations: `
      insert into team_invitations (agency_id, id, email, role, token_hash, expires_at)
      select '${north}', ${id(2, 'n')}, 'member-' || n || '@example.net', 'staff', sha256(convert_to(n::text, 'UTF8')),
        now() - interval '1 day' ${each(others)}`,
  }
}

const last_day = '2099-01-01'

/** For each query parameter a value that few rows match, or only rows at the end of the list. Key: the name, or path and name. */
const values: Readonly<Record<string, string>> = {
  '/availability/blocks overlaps': `${last_day}/2099-02-01`,
  '/availability/explain check_in': '2030-01-01',
  '/availability/explain check_out': '2030-01-03',
  '/bookings overlaps': '2027-01-01/2027-02-01',
  '/bookings status': 'no_show',
  '/conflicts state': 'resolved',
  '/holds status': 'released',
  '/search check_in': '2030-01-01',
  '/search check_out': '2030-01-03',
  '/search city': 'Elsewhere',
  action: 'agency.',
  actor_id: players.staff.user_id,
  check_in_from: last_day,
  check_in_to: '2000-01-01',
  check_out_from: last_day,
  after: '1',
  check_out_to: '2000-01-01',
  city: 'Nowhere',
  created_from: '2099-01-01T00:00:00Z',
  created_to: '2000-01-01T00:00:00Z',
  currency: 'CHF',
  day: '2027-01-01',
  email: 'nobody@example.org',
  entity_id: rare.entity_id,
  entity_type: 'nothing',
  amenities: 'sauna',
  country: 'IS',
  free_from: '2030-01-01',
  free_to: '2030-01-03',
  from: '2027-01-01',
  guests: '5',
  group_by: 'property',
  guest_id: '00000070-0000-7000-8000-000000000001',
  include_deleted: 'true',
  is_active: 'false',
  is_cover: 'true',
  list: 'bookings',
  max_base_price_cents: '1',
  nearby: 'true',
  owner_id: players.otherOwner.user_id,
  payment_status: 'refunded',
  property_id: rare.property_id,
  q: 'zzzz',
  reason: 'maintenance',
  request_id: rare.request_id,
  role: 'accountant',
  since: '0',
  sort: 'updated_at',
  source: 'airbnb',
  to: '2027-03-01',
  updated_since: '2000-01-01T00:00:00Z',
}

/** A list with its query parameters. The path has concrete ids. */
export interface List {
  readonly path: string
  readonly required: readonly string[]
  readonly filters: readonly string[]
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required?: boolean
}

/** Every GET operation with query parameters in the OpenAPI document. */
export function listsOf(document: object): List[] {
  type Path = { get?: { parameters?: readonly Parameter[] } }
  const { paths } = dereference<{ paths: Record<string, Path> }>(document)
  return Object.entries(paths).flatMap(([template, { get }]) => {
    const asked = (get?.parameters ?? []).filter(({ in: place }) => place === 'query')
    if (asked.length === 0) return []
    const named = asked.filter(({ name }) => name !== 'limit' && name !== 'cursor')
    const required = named.filter((one) => one.required === true).map(({ name }) => name)
    const filters = named.filter((one) => one.required !== true).map(({ name }) => name)
    const path = template
      .replace('/api/v1', '')
      .replace('{id}', template.includes('/guests/') ? (values.guest_id ?? '') : rare.entity_id)
    return [{ path, required, filters }]
  })
}

/** The path with these filters and their values. Throws when a filter has no value in this file. */
export function queryOf({ path, required }: List, filters: readonly string[]): string {
  const query = [...required, ...filters].map((name) => {
    // An export has the filters of its list.
    const value = values[`${path.replace(/\/export$/, '')} ${name}`] ?? values[name]
    if (value === undefined)
      throw new Error(`no value for the filter ${name} of ${path}: add one to test/big-agency.ts`)
    return `${name}=${encodeURIComponent(value)}`
  })
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}
