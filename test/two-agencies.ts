// Rows of every tenant table in both agencies, and access as the tenant role.
import { openServerPool } from '../src/core/postgres/pools.ts'
import { castProperties, north, players, south } from './cast.ts'
import type { TestStore } from './engines.ts'
import { tenantTables } from './isolation/tables.ts'

const id = (kind: number, n: number) => `0000000${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`

/** A member of no agency. */
const stranger = id(2, 99)

/** Ids of one agency's rows; `fresh_id` is unused. */
export interface AgencyIds {
  readonly agency_id: string
  readonly user_id: string
  readonly property_id: string
  readonly guest_id: string
  readonly booking_id: string
  readonly fresh_id: string
}

export const ofNorth: AgencyIds = {
  agency_id: north,
  user_id: players.admin.user_id,
  property_id: castProperties.lake.id,
  guest_id: id(5, 1),
  booking_id: id(6, 1),
  fresh_id: id(9, 1),
}
export const ofSouth: AgencyIds = {
  agency_id: south,
  user_id: players.outsider.user_id,
  property_id: castProperties.beach.id,
  guest_id: id(5, 2),
  booking_id: id(6, 2),
  fresh_id: id(9, 2),
}

/** A valid insert for each tenant table that the tenant role may insert into. `$1`… are uuids. */
export const inserts: Readonly<Record<string, (h: AgencyIds) => [text: string, values: string[]]>> = {
  team_members: (h) => [
    "insert into team_members (agency_id, id, user_id, role) values ($1, $2, $3, 'staff')",
    [h.agency_id, h.fresh_id, stranger],
  ],
  properties: (h) => [
    `insert into properties (agency_id, id, name, property_type, max_guests, currency)
     values ($1, $2, 'Raw', 'room', 1, 'EUR')`,
    [h.agency_id, h.fresh_id],
  ],
  guests: (h) => [
    "insert into guests (agency_id, id, first_name, last_name) values ($1, $2, 'Raw', 'Guest')",
    [h.agency_id, h.fresh_id],
  ],
  bookings: (h) => [
    `insert into bookings (agency_id, id, reference, property_id, guest_id, status, check_in, check_out, num_adults,
       subtotal_cents, total_cents, currency)
     values ($1, $2::uuid, ($2::uuid)::text, $3, $4, 'inquiry', '2031-01-01', '2031-01-03', 1, 0, 0, 'EUR')`,
    [h.agency_id, h.fresh_id, h.property_id, h.guest_id],
  ],
  occupancies: (h) => [
    `insert into occupancies (agency_id, id, property_id, kind, during)
     values ($1, $2, $3, 'channel', daterange('2035-01-01', '2035-01-02'))`,
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  blocks: (h) => [
    `insert into blocks (agency_id, id, property_id, start_date, end_date, reason)
     values ($1, $2, $3, '2036-01-01', '2036-01-02', 'other')`,
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  property_photos: (h) => [
    `insert into property_photos (agency_id, id, property_id, position, status, media_key)
     values ($1, $2::uuid, $3, 1, 'processing', replace(($2::uuid)::text, '-', ''))`,
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  holds: (h) => [
    `insert into holds (agency_id, id, property_id, check_in, check_out, expires_at)
     values ($1, $2, $3, '2036-01-01', '2036-01-02', now() + interval '1 minute')`,
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  booking_conflicts: (h) => [
    `insert into booking_conflicts (agency_id, id, kind, property_id, source, external_code, check_in, check_out, facts)
     values ($1, $2::uuid, 'overlap', $3, 'airbnb', ($2::uuid)::text, '2036-01-01', '2036-01-02', '{}')`,
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  channel_bookings: (h) => [
    `insert into channel_bookings (agency_id, source, external_code, booking_id, facts)
     values ($1, 'airbnb', ($2::uuid)::text, $3, '{}')`,
    [h.agency_id, h.fresh_id, h.booking_id],
  ],
  listing_aliases: (h) => [
    'insert into listing_aliases (agency_id, title, property_id) values ($1, ($2::uuid)::text, $3)',
    [h.agency_id, h.fresh_id, h.property_id],
  ],
  team_invitations: (h) => [
    `insert into team_invitations (agency_id, id, email, role, token_hash, expires_at)
     values ($1, $2::uuid, ($2::uuid)::text || '@example.com', 'staff', sha256(($2::uuid)::text::bytea), now() + interval '1 day')`,
    [h.agency_id, h.fresh_id],
  ],
  saved_views: (h) => [
    `insert into saved_views (agency_id, id, user_id, list, name, filters)
     values ($1, $2::uuid, $3, 'bookings', ($2::uuid)::text, '{}')`,
    [h.agency_id, h.fresh_id, h.user_id],
  ],
  audit_log: (h) => [
    `insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id)
     values ($1, $2, app.actor_id(), app.app_role(), 'raw.written', 'raw', $2)`,
    [h.agency_id, h.fresh_id],
  ],
  idempotency_keys: (h) => [
    `insert into idempotency_keys (agency_id, actor_id, key, fingerprint, expires_at)
     values ($1, $3, $2, 'x', now() + interval '1 day')`,
    [h.agency_id, h.fresh_id, h.user_id],
  ],
  event_dead_letters: (h) => [
    `insert into event_dead_letters (agency_id, subscriber, seq, failures, last_error)
     values ($1, ($2::uuid)::text, 1, 8, 'TIMEOUT')`,
    [h.agency_id, h.fresh_id],
  ],
  agency_features: (h) => [
    `insert into agency_features (agency_id, id, feature_name)
     values ($1, $2::uuid, 'f_' || replace(($2::uuid)::text, '-', '_'))`,
    [h.agency_id, h.fresh_id],
  ],
}

/** Inserts a row into every tenant table for both agencies, as the schema's owner, and a stay in lake and in forest. */
export async function fillBoth(store: Pick<TestStore, 'owner'>): Promise<void> {
  const { owner } = store
  await owner.query(
    `insert into users (id, email, full_name, email_proven_at, email_proven_by)
     values ($1, 'stranger@example.com', 'Stranger', now(), 'operator')`,
    [stranger],
  )
  for (const h of [ofNorth, ofSouth]) {
    const { agency_id, user_id, property_id, guest_id, booking_id } = h
    await insertGuest(guest_id, agency_id)
    await insertBooking(booking_id, agency_id, property_id, guest_id)
    const simple = [
      'agency_features',
      'blocks',
      'booking_conflicts',
      'channel_bookings',
      'event_dead_letters',
      'holds',
      'listing_aliases',
      'saved_views',
      'property_photos',
      'team_invitations',
    ]
    for (const table of ['audit_log', 'idempotency_keys', ...simple]) {
      const [text, values] = inserts[table]?.({ ...h, fresh_id: booking_id }) ?? ['', []]
      await owner.query(text.replace('app.actor_id()', 'null').replace('app.app_role()', "'operator'"), values)
    }
    await owner.query(
      `insert into idempotency_keys (agency_id, actor_id, key, fingerprint, expires_at)
       values ($1, $2, 'expired', 'x', now() - interval '1 day')`,
      [agency_id, user_id],
    )
    await owner.query("insert into event_cursors (agency_id, subscriber, seq) values ($1, 'test', 0)", [agency_id])
    await owner.query(
      `insert into audit_seals (agency_id, seq, audit_id, row_hash, chain_hash)
       values ($1, 1, $2, sha256('row'), sha256('chain'))`,
      [agency_id, booking_id],
    )
  }
  await insertGuest(id(5, 3), north)
  await insertBooking(id(6, 3), north, castProperties.forest.id, id(5, 3))

  function insertGuest(guest_id: string, agency_id: string) {
    return owner.query("insert into guests (agency_id, id, first_name, last_name) values ($1, $2, 'A', 'Guest')", [
      agency_id,
      guest_id,
    ])
  }
  async function insertBooking(booking_id: string, agency_id: string, property_id: string, guest_id: string) {
    // One statement: at its end a booking needs its occupancy.
    await owner.query(
      `with booking as (
         insert into bookings (agency_id, id, reference, property_id, guest_id, check_in, check_out, num_adults,
           subtotal_cents, total_cents, currency)
         values ($1, $2::uuid, ($2::uuid)::text, $3, $4, '2030-01-01', '2030-01-03', 1, 0, 0, 'EUR'))
       insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
       values ($1, $2, $3, 'booking', $2, daterange('2030-01-01', '2030-01-03'))`,
      [agency_id, booking_id, property_id, guest_id],
    )
  }
}

/** A checksum over all tenant rows, or over those of one agency. */
export async function checksumOf({ owner }: Pick<TestStore, 'owner'>, agency_id?: string): Promise<string> {
  const parts = [...tenantTables].map(([table, column]) => {
    const its = agency_id === undefined ? '' : `where ${column} = '${agency_id}'`
    return `select '${table}' as t, md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as sum from ${table} x ${its}`
  })
  return JSON.stringify((await owner.query(parts.join(' union all '))).rows)
}

interface RawResult {
  readonly rows: Record<string, unknown>[]
  readonly count: number
}

/** Runs one statement as a role with claims, on a connection of the API's login role, and rolls it back. */
export type RunAs = (
  claims: object | string | undefined,
  text: string,
  values?: unknown[],
  role?: 'roost_tenant' | 'roost_system',
) => Promise<RawResult>

/** `claims`: an object is sent as JSON, a string unchanged; undefined sets none. */
export function rawAccess(store: TestStore, closing: { after(work: () => unknown): void }): RunAs {
  const pool = store.url === undefined ? undefined : openServerPool({ url: store.url, size: 2 })
  // The database may be dropped before this pool is closed.
  pool?.on('error', () => {})
  closing.after(() => pool?.end())
  return async (claims, text, values = [], role = 'roost_tenant') => {
    const connection = pool === undefined ? await store.connectOwner() : await pool.connect()
    try {
      await connection.query('begin')
      // What would fail at COMMIT fails at the statement.
      await connection.query('set constraints all immediate')
      await connection.query("select set_config('role', $1, true)", [role])
      if (claims !== undefined) {
        const json = typeof claims === 'string' ? claims : JSON.stringify(claims)
        await connection.query("select set_config('request.jwt.claims', $1, true)", [json])
      }
      const { rows, rowCount } = (await connection.query(text, values)) as {
        rows: Record<string, unknown>[]
        rowCount?: number | null
      }
      return { rows, count: rowCount ?? rows.length }
    } finally {
      await connection.query('rollback')
      await connection.release()
    }
  }
}
