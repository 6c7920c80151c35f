// Every table with every role: in SQL a role reads and writes what the permission table gives it, and nothing else.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { findScope, type Permission, permissions, type Role, roles } from '../../src/core/auth/permissions.ts'
import { castProperties, players } from '../cast.ts'
import { openTestStore } from '../engines.ts'
import { tenantTables } from '../isolation/tables.ts'
import { fillBoth, inserts, ofNorth, rawAccess } from '../two-agencies.ts'

const store = await openTestStore()
const runAs = rawAccess(store, { after })
after(() => store.close())
await fillBoth(store)

const { agency_id, booking_id } = ofNorth
const id = (n: number) => `0000000a-0000-7000-8000-00000000000${n}`
const [block, hold, expired] = [id(1), id(2), id(3)]
await store.owner.query(`
  insert into blocks (agency_id, id, property_id, start_date, end_date, reason)
    values ('${agency_id}', '${block}', '${castProperties.lake.id}', '2036-02-01', '2036-02-02', 'other');
  insert into holds (agency_id, id, property_id, check_in, check_out, expires_at)
    select '${agency_id}', id::uuid, '${castProperties.lake.id}', '2036-03-01', '2036-03-02', now()
    from unnest('{${hold},${expired}}'::text[]) id;
  insert into occupancies (agency_id, id, property_id, kind, during, block_id, hold_id, expires_at) values
    ('${agency_id}', '${block}', '${castProperties.lake.id}', 'block', '[2036-02-01,2036-02-02)', '${block}', null, null),
    ('${agency_id}', '${hold}', '${castProperties.lake.id}', 'hold', '[2036-03-01,2036-03-02)', null, '${hold}', 'infinity'),
    ('${agency_id}', '${expired}', '${castProperties.lake.id}', 'hold', '[2036-04-01,2036-04-02)', null, '${expired}', '2020-01-01');
  insert into idempotency_keys (agency_id, actor_id, key, fingerprint, expires_at)
    select m.agency_id, m.user_id, 'own', 'x', 'infinity' from team_members m;
  insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
    values ('${agency_id}', '${block}', 'operator', 'booking.created', 'booking', '${booking_id}');
  insert into audit_seals (agency_id, seq, audit_id, row_hash, chain_hash, type, entity_type, entity_id, property_id)
    values ('${agency_id}', 2, '${block}', sha256('row'), sha256('chain'), 'booking.created', 'booking', '${booking_id}', '${castProperties.lake.id}')`)

type Verb = 'select' | 'insert' | 'update' | 'delete'
interface Case {
  readonly table: string
  readonly verb: Verb
  readonly text: string
  readonly values?: string[]
  /** Each of them implies it. */
  readonly by: readonly Permission[] | ((role: Role) => boolean)
}

const all_writes = (Object.keys(permissions) as Permission[]).filter((name) => !/:(read|history)$/.test(name))

const isAdmin = (role: Role) => role === 'admin'

const read = (table: string, by: Case['by'], where = 'true'): Case => {
  return { table, verb: 'select', text: `select 1 from ${table} where ${where}`, by }
}
const insert = (table: string, ...by: Permission[]): Case => {
  const [text, values] = inserts[table]?.(ofNorth) ?? ['', []]
  return { table, verb: 'insert', text, values, by }
}
const update = (table: string, column: string, by: Case['by'], where = 'true'): Case => {
  return { table, verb: 'update', text: `update ${table} set ${column} = ${column} where ${where}`, by }
}
const remove = (table: string, by: Case['by'], where = 'true'): Case => {
  return { table, verb: 'delete', text: `delete from ${table} where ${where}`, by }
}

const cases: readonly Case[] = [
  read('agencies', ['agency:read']),
  // Each request may ask whether a feature is enabled.
  read('agency_features', ['agency:read']),
  read('actors', ['audit:read', 'bookings:history'], 'id <> app.actor_id()'),
  read('audit_log', ['audit:read'], "entity_type <> 'booking'"),
  read('audit_log', ['audit:read', 'bookings:history'], "entity_type = 'booking'"),
  read('audit_seals', (role) => findScope(role, 'changes:read') === 'all', 'seq = 1'),
  // An owner reads the events of own properties.
  read('audit_seals', ['changes:read'], 'seq = 2'),
  read('blocks', ['availability:read']),
  read('booking_conflicts', ['conflicts:read']),
  read('bookings', ['bookings:read']),
  read('channel_bookings', []),
  read('event_cursors', []),
  read('event_dead_letters', []),
  // An owner sees the guests of own bookings.
  read('guests', (role) => may(role, 'guests:read') || findScope(role, 'bookings:read') === 'own'),
  read('holds', ['holds:read']),
  read('idempotency_keys', all_writes),
  read('listing_aliases', []),
  read('occupancies', ['availability:read']),
  read('properties', ['properties:read', 'availability:read']),
  // The row is of the admin.
  read('saved_views', isAdmin),
  read('property_photos', ['properties:read']),
  read('team_invitations', ['team:write']),
  read('team_members', ['team:read'], 'user_id <> app.actor_id()'),
  read('users', ['team:read'], 'id <> app.actor_id()'),

  {
    table: 'agencies',
    verb: 'insert',
    text: `insert into agencies (id, name, slug) values ('${agency_id}', 'Second', 'second')`,
    by: [],
  },
  insert('agency_features'),
  // A saved view is not in the audit log.
  insert('audit_log', ...all_writes.filter((name) => name !== 'views:write')),
  insert('blocks', 'blocks:write'),
  insert('booking_conflicts'),
  insert('bookings', 'bookings:create'),
  insert('channel_bookings'),
  insert('event_dead_letters'),
  insert('guests', 'guests:write', 'bookings:create'),
  insert('holds', 'holds:write'),
  insert('listing_aliases'),
  {
    table: 'idempotency_keys',
    verb: 'insert',
    text: `insert into idempotency_keys (agency_id, actor_id, key, fingerprint, expires_at)
      values ('${agency_id}', app.actor_id(), 'new', 'x', now())`,
    by: all_writes,
  },
  insert('occupancies', 'bookings:create', 'holds:write'),
  {
    table: 'occupancies',
    verb: 'insert',
    text: `insert into occupancies (agency_id, id, property_id, kind, during, block_id)
      values ('${agency_id}', '${id(4)}', '${castProperties.lake.id}', 'block', '[2036-01-01,2036-01-02)', '${booking_id}')`,
    by: ['blocks:write', 'bookings:create'],
  },
  insert('properties', 'properties:create'),
  { ...insert('saved_views'), by: isAdmin },
  insert('property_photos', 'properties:update'),
  insert('team_invitations', 'team:write'),
  insert('team_members', 'team:write'),

  update('agencies', 'name', ['agency:update']),
  update('agency_features', 'config', []),
  update('blocks', 'notes', ['blocks:write']),
  update('bookings', 'version', ['bookings:update', 'bookings:delete', 'bookings:transition', 'bookings:cancel']),
  update('booking_conflicts', 'version', []),
  update('channel_bookings', 'facts', []),
  update('event_cursors', 'seq', []),
  update('event_dead_letters', 'failures', []),
  update('guests', 'phone', ['guests:write', 'guests:erase']),
  update('holds', 'notes', ['holds:write']),
  update('listing_aliases', 'title', []),
  update('idempotency_keys', 'status', all_writes),
  update('occupancies', 'during', ['bookings:update'], "kind = 'booking'"),
  update('occupancies', 'during', ['blocks:write'], "kind = 'block'"),
  update('properties', 'name', ['properties:update', 'properties:delete']),
  update('saved_views', 'name', isAdmin),
  update('property_photos', 'alt_text', ['properties:update']),
  update('team_invitations', 'revoked_at', ['team:write']),
  update('team_members', 'is_active', ['team:write']),

  remove('blocks', ['blocks:write']),
  remove('event_dead_letters', []),
  remove('saved_views', isAdmin),
  remove('occupancies', ['bookings:update', 'bookings:cancel', 'bookings:delete'], "kind = 'booking'"),
  remove('occupancies', ['blocks:write'], "kind = 'block'"),
  remove('occupancies', ['holds:write'], "kind = 'hold' and expires_at > now()"),
  remove('occupancies', ['bookings:create', 'holds:write', 'blocks:write'], "kind = 'hold' and expires_at <= now()"),
  remove('property_photos', []),
]

const may = (role: Role, permission: Permission) => findScope(role, permission) !== undefined

/** Whether the statement reaches a row. A failed constraint comes after the policies. */
async function reaches(role: Role, { text, values }: Case): Promise<boolean> {
  const claims = { sub: players[role].user_id, agency_id, app_role: role }
  const outcome = await runAs(claims, text, values).then(
    ({ count }) => count,
    ({ code, message }: { code?: string; message: string }) => (code === undefined ? message : code),
  )
  if (typeof outcome === 'number') return outcome > 0
  assert.match(outcome, /^(42501|23503|23505)$/, text)
  return outcome !== '42501'
}

for (const role of roles) {
  test(`in SQL ${role} reads and writes what the permission table gives, and nothing else`, async () => {
    for (const one of cases) {
      const { by, text } = one
      const expected = typeof by === 'function' ? by(role) : by.some((permission) => may(role, permission))
      assert.equal(await reaches(role, one), expected, text)
    }
  })
}

test('every command that is granted on a table is in the cases', async () => {
  const { rows } = await store.owner.query(
    `select c.relname || ' ' || v.verb as command from pg_class c
     cross join unnest('{select,insert,update,delete}'::text[]) v (verb)
     where c.relname = any ($1) and has_table_privilege('roost_tenant', c.oid, v.verb)`,
    [[...tenantTables.keys()]],
  )
  const covered = new Set(cases.filter(({ table }) => table !== 'users').map(({ table, verb }) => `${table} ${verb}`))
  assert.deepEqual(rows.map(({ command }) => String(command)).sort(), [...covered].sort())
})
