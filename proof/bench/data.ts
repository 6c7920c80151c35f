// The benchmark data: agencies, properties and stays, inserted directly into the tables.
import type pg from 'pg'
import { parseConfig } from '../../src/config.ts'
import { jobOf, operatorOf } from '../../src/core/auth/actors.ts'
import { createTokens } from '../../src/core/auth/tokens.ts'
import { createLog } from '../../src/core/log.ts'
import { migrateUp, openStore } from '../../src/store.ts'
import { apiRole, createApiRole } from '../../test/api-role.ts'
import type { Cluster } from '../scorecard/environment/cluster.ts'
import { withConnection } from '../scorecard/environment/connect.ts'
import { withoutIndexes } from './bulk.ts'

/** `properties` per agency, `bookings` per property. */
export interface Volume {
  readonly agencies: number
  readonly properties: number
  readonly bookings: number
}

/** 200,000 bookings, as in the schema of the baseline. */
export const standard: Volume = { agencies: 50, properties: 40, bookings: 100 }
/** 20,000 bookings, for --quick. */
export const small: Volume = { agencies: 50, properties: 40, bookings: 10 }

export const jwt_secret = 'a secret of the benchmark that is long enough to sign with'
export const password = 'correct horse battery'
/** The argon2id hash of `password` with the parameters of the service (m=19 MiB, t=2, p=1). */
const password_hash =
  '$argon2id$v=19$m=19456,t=2,p=1$Svz7YcyhwAbLEJ3Sz6bGhQ$YYDdBD7L5IQVdmOHbMpEjmZTGUzC/rtcaof0DEn9WYs'

/**
 * A version 7 UUID: the timestamp, then `n`. The timestamps must differ as in production: btree_gist computes penalties
 * from the first 8 bytes, so indexes over ids with equal timestamps behave differently.
 */
function idAt(ms: number, n: number): string {
  const moment = ms.toString(16).padStart(12, '0')
  return `${moment.slice(0, 8)}-${moment.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`
}

const began = Date.UTC(2026, 0, 1)
const hour = 3_600_000
const day = 24 * hour
export const agencyId = (agency: number) => idAt(began + agency * hour, agency)
export const userId = (agency: number) => idAt(began + agency * hour + 1, agency)
/** `n` counts from 1 in each agency. */
export const propertyId = (agency: number, n: number) => idAt(began + agency * hour + n * 1000, n)
/** The n-th stay of a property. */
export const bookingId = (agency: number, property: number, n: number) =>
  idAt(began + n * day + property * 1000 + (agency % 1000), agency * 10_000 + property)
export const emailOf = (agency: number) => `admin-${agency}@example.com`

/** The n-th stay of a property begins 5n days later and lasts four nights. */
export const first_day = '2026-01-01'
/** Dates after the last stay of every volume, for new bookings through the service and by pgbench. */
export const free_from = { service: '2040-01-01', pgbench: '2070-01-01' }

/** Creates and migrates a database with the login role of the API. Returns its URLs. */
export async function createDatabase(cluster: Cluster, name: string): Promise<{ owner: string; api: string }> {
  const owner = cluster.urlOf(name)
  await withConnection(cluster.urlOf('postgres'), (client) => client.query(`create database ${name}`))
  const store = await openStore(parseConfig({ DATABASE_URL: owner, JWT_SECRET: jwt_secret }), createLog('silent'))
  await migrateUp(store).finally(() => store.close())
  await withConnection(owner, createApiRole)
  return { owner, api: owner.replace('//postgres@', `//${apiRole}@`) }
}

/** Fills an empty database. Every booking has a guest, an occupancy row and an audit entry. */
export async function fill(client: pg.Client, volume: Volume, note?: (line: string) => void): Promise<void> {
  const { agencies, properties } = volume
  // Foreign keys are valid by construction; replica mode skips checking them row by row.
  await client.query('set session_replication_role = replica; set synchronous_commit = off')
  await client.query(
    `insert into agencies (id, name, slug)
     select ${agency}, 'Agency ' || a, 'agency-' || a from generate_series(1, $1::int) a`,
    [agencies],
  )
  await client.query(
    `insert into users (id, email, full_name, password_hash, email_proven_at, email_proven_by)
     select ${user}, 'admin-' || a || '@example.com', 'Admin ' || a, $2, now(), 'operator' from generate_series(1, $1::int) a`,
    [agencies, password_hash],
  )
  await client.query(
    `insert into team_members (agency_id, id, user_id, role)
     select ${agency}, ${user}, ${user}, 'admin' from generate_series(1, $1::int) a`,
    [agencies],
  )
  // Replica mode fires no trigger that would make them.
  await client.query(
    `insert into actors (agency_id, id, kind, name)
     select ${agency}, ${user}, 'person', 'Admin ' || a from generate_series(1, $1::int) a
     union all
     select ${agency}, fixed.id, fixed.kind, null
     from generate_series(1, $1::int) a, (values ($2::uuid, 'operator'), ($3::uuid, 'job')) fixed (id, kind)`,
    [agencies, operatorOf('').id, jobOf('').id],
  )
  await client.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, city, base_price_cents, cleaning_fee_cents, currency)
     select ${agency}, ${property}, 'Property ' || p, 'house', 6, 'Lakeside', 10000, 5000, 'EUR'
     from generate_series(1, $1::int) a, generate_series(1, $2::int) p`,
    [agencies, properties],
  )
  const tables = ['guests', 'bookings', 'occupancies', 'audit_log']
  await withoutIndexes(client, tables, () => fillStays(client, volume), note)
  await client.query('set session_replication_role = origin')
}

/** SQL for an id; `more` (three hex digits) distinguishes ids with equal timestamp and number. */
export const uuidAt = (ms: string, n: string, more = '000') =>
  `(lpad(to_hex(${ms}), 12, '0') || '70008${more}' || lpad((${n})::text, 12, '0'))::uuid`

/** The same ids in SQL; a, p and n are SQL for integers. */
export const sqlIds = {
  agency: (a: string) => uuidAt(`${began} + ${a} * ${hour}::bigint`, a),
  user: (a: string) => uuidAt(`${began} + ${a} * ${hour}::bigint + 1`, a),
  property: (a: string, p: string) => uuidAt(`${began} + ${a} * ${hour}::bigint + ${p} * 1000`, p),
  booking: (a: string, p: string, n: string) =>
    uuidAt(`${began} + ${n} * ${day}::bigint + ${p} * 1000 + ${a} % 1000`, `${a} * 10000 + ${p}`),
}
const agency = sqlIds.agency('a')
const user = sqlIds.user('a')
const property = sqlIds.property('a', 'p')
const stay = sqlIds.booking('a', 'p', 'n')

async function fillStays(client: pg.Client, { agencies, properties, bookings }: Volume): Promise<void> {
  const from = 'from generate_series(1, $3::int) n, generate_series(1, $1::int) a, generate_series(1, $2::int) p'
  const counts = [agencies, properties, bookings]
  await client.query(
    `insert into guests (agency_id, id, first_name, last_name, email, phone)
     select ${agency}, ${stay}, 'Guest', 'Number ' || n, 'guest-' || p || '-' || n || '@example.com', '+4930' || (1000000 + n)
     ${from}`,
    counts,
  )
  await client.query(
    `insert into bookings (agency_id, id, reference, property_id, guest_id, status, check_in, check_out, num_adults,
       nightly_rate_cents, subtotal_cents, cleaning_fee_cents, total_cents, currency, confirmed_at,
       guest_first_name, guest_last_name, guest_email, guest_phone)
     select ${agency}, ${stay}, 'P' || p || '-' || n, ${property}, ${stay}, 'confirmed',
       date '${first_day}' + n * 5, date '${first_day}' + n * 5 + 4, 2, 10000, 40000, 5000, 45000, 'EUR', now(),
       'Guest', 'Number ' || n, 'guest-' || p || '-' || n || '@example.com', '+4930' || (1000000 + n) ${from}`,
    counts,
  )
  await client.query(
    `insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
     select ${agency}, ${stay}, ${property}, 'booking', ${stay},
       daterange(date '${first_day}' + n * 5, date '${first_day}' + n * 5 + 4) ${from}`,
    counts,
  )
  await client.query(
    `insert into audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, after)
     select b.agency_id, gen_random_uuid(), b.id::text, m.user_id, 'admin', 'booking.created', 'booking', b.id,
       to_jsonb(b) - '{agency_id,created_at,updated_at,deleted_at}'::text[]
     from bookings b join team_members m on m.agency_id = b.agency_id`,
  )
  // The worker must not seal the entries inserted here.
  await client.query('update app.audit_sealing set sealed_snapshot = pg_current_snapshot()')
}

/** Bearer tokens for the admin of each agency, valid for a day. */
export async function issueTokens(agencies: number): Promise<string[]> {
  const { issue } = createTokens({ secret: jwt_secret, audience: 'authenticated' })
  const numbers = Array.from({ length: agencies }, (_, n) => n + 1)
  return Promise.all(
    numbers.map(async (n) => (await issue({ user_id: userId(n), agency_id: agencyId(n) }, 86_400)).token),
  )
}
