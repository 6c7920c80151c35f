// Row-level security, tested in SQL: no access without claims, no cross-tenant access.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { type AgencyIds, fillBoth, inserts, ofNorth, ofSouth, rawAccess } from '../../../test/two-agencies.ts'
import { type Role, roles } from '../auth/permissions.ts'

const store = await openTestStore()
const runAs = rawAccess(store, { after })
after(() => store.close())
await fillBoth(store)

const tables = [...tenantTables]
const missing = '00000000-0000-7000-8000-00000000dead'

function claimsOf(role: Role, h: AgencyIds = ofNorth) {
  const members = { admin: h.user_id, manager: players.manager.user_id, staff: players.staff.user_id }
  const others = { owner: players.owner.user_id, accountant: players.accountant.user_id }
  return { sub: { ...members, ...others }[role], agency_id: h.agency_id, app_role: role }
}
const operatorOf = (h: AgencyIds) => ({ agency_id: h.agency_id, app_role: 'operator' })

const personal_tables = ['idempotency_keys', 'saved_views']

/** Claims that may write all rows of a table: the operator; of tables whose rows belong to a user, the admin. */
const writerClaims = (table: string, h: AgencyIds) =>
  personal_tables.includes(table) ? claimsOf('admin', h) : operatorOf(h)

const operator_tables = ['channel_bookings', 'event_cursors', 'event_dead_letters', 'listing_aliases']

/** Claims that see all rows of the agency, except keys of other users. */
const readerClaims = (table: string, h: AgencyIds) =>
  operator_tables.includes(table) ? operatorOf(h) : claimsOf('admin', h)

async function captureError(work: Promise<unknown>): Promise<{ code?: string; detail?: string; message: string }> {
  return await work.then(
    () => ({ code: 'no error', message: '' }),
    (error: Error & { code?: string }) => error,
  )
}

/** Asserts that the statement fails with this SQLSTATE. */
async function assertRefused(code: string, ...call: Parameters<typeof runAs>): Promise<void> {
  const error = await captureError(runAs(...call))
  assert.equal(error.code, code, `${call[1]}\n${error.message}`)
}

async function countAs(claims: Parameters<typeof runAs>[0], table: string): Promise<number> {
  return (await runAs(claims, `select 1 from ${table}`)).count
}

async function countAsOwner(table: string, condition = 'true', values: unknown[] = []): Promise<number> {
  const { rows } = await store.owner.query(`select count(*)::int as n from ${table} where ${condition}`, values)
  return rows[0]?.n as number
}

/** A checksum of every row of an agency in every tenant table. */
async function fingerprint(agency_id: string): Promise<string> {
  const parts = tables.map(
    ([table, column]) =>
      `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as sum from ${table} x where ${column} = $1`,
  )
  return JSON.stringify((await store.owner.query(parts.join(' union all '), [agency_id])).rows)
}

test('both agencies have rows in every tenant table', async () => {
  for (const [table, column] of tables) {
    for (const { agency_id } of [ofNorth, ofSouth])
      assert.ok((await countAsOwner(table, `${column} = $1`, [agency_id])) > 0, table)
  }
})

const invalid_claims: Record<string, object | string | undefined> = {
  'no claims': undefined,
  'the empty claims that remain after a transaction': '',
  'an empty object': {},
  'no agency': { sub: ofNorth.user_id, app_role: 'admin' },
  'no role': { sub: ofNorth.user_id, agency_id: north },
  'an unknown role': { sub: ofNorth.user_id, agency_id: north, app_role: 'superadmin' },
  'an empty role': { sub: ofNorth.user_id, agency_id: north, app_role: '' },
  'a role in capitals': { sub: ofNorth.user_id, agency_id: north, app_role: 'Admin' },
  'a list of roles': { sub: ofNorth.user_id, agency_id: north, app_role: ['admin'] },
  'a role in user_metadata': { sub: ofNorth.user_id, agency_id: north, user_metadata: { app_role: 'admin' } },
  'an agency in user_metadata': { sub: ofNorth.user_id, app_role: 'admin', user_metadata: { agency_id: north } },
  'an agency that does not exist': { sub: ofNorth.user_id, agency_id: missing, app_role: 'admin' },
}
for (const [who, claims] of Object.entries(invalid_claims)) {
  test(`no row is readable with ${who}`, async () => {
    for (const table of [...tenantTables.keys(), 'users']) assert.equal(await countAs(claims, table), 0, table)
  })
}

for (const [name, h] of [
  ['north', ofNorth],
  ['south', ofSouth],
] as const) {
  test(`an admin of ${name} sees exactly the rows of ${name}`, async () => {
    for (const [table, column] of tables) {
      const claims = readerClaims(table, h)
      const own = `${column} = $1${table === 'idempotency_keys' ? ' and actor_id = $2' : ''}`
      const values = table === 'idempotency_keys' ? [h.agency_id, h.user_id] : [h.agency_id]
      const expected = await countAsOwner(table, own, values)
      assert.ok(expected > 0, table)
      assert.equal(await countAs(claims, table), expected, table)
      const foreign = `select 1 from ${table} where ${column} <> $1`
      assert.equal((await runAs(claims, foreign, [h.agency_id])).count, 0, table)
      const { rows } = await runAs(
        claims,
        `with x as materialized (select * from ${table}) select count(*)::int as n from x`,
      )
      assert.deepEqual(rows, [{ n: expected }], table)
    }
    const members = await countAsOwner('team_members', 'agency_id = $1', [h.agency_id])
    assert.equal((await runAs(claimsOf('admin', h), 'select id, email from users')).count, members)
  })
}

test('what only commands and jobs use is visible to the operator only', async () => {
  for (const table of operator_tables) {
    for (const role of roles) assert.equal(await countAs(claimsOf(role), table), 0, `${role} ${table}`)
  }
})

test('claims in app_metadata, as Supabase writes them, are accepted', async () => {
  const { sub, ...app_metadata } = claimsOf('admin')
  const claims = { sub, role: 'authenticated', app_metadata }
  assert.equal(await countAs(claims, 'properties'), await countAsOwner('properties', 'agency_id = $1', [north]))
})

test('every table that the tenant role may insert into has a sample row', async () => {
  const { rows } = await store.owner.query(
    "select relname from pg_class where relname = any($1) and has_table_privilege('roost_tenant', oid, 'insert')",
    [[...tenantTables.keys()]],
  )
  const found = rows.map(({ relname }) => relname as string).filter((name) => name !== 'agencies')
  assert.deepEqual(found.sort(), Object.keys(inserts).sort())
})

/** The primary keys that are not the id. */
const keys: Readonly<Record<string, string>> = {
  channel_bookings: 'source, external_code',
  event_dead_letters: 'subscriber, seq',
  idempotency_keys: 'actor_id, key',
  listing_aliases: 'title',
}

for (const [table, sample] of Object.entries(inserts)) {
  test(`${table}: a row can be inserted into the own agency only`, async () => {
    const before = await fingerprint(ofSouth.agency_id)
    const own = sample(ofNorth)
    assert.equal((await runAs(writerClaims(table, ofNorth), ...own)).count, 1, 'the sample row is valid')
    const [text, values] = sample(ofSouth)
    await assertRefused('42501', writerClaims(table, ofNorth), text, values)
    await assertRefused('42501', claimsOf('admin'), text, values)
    for (const claims of Object.values(invalid_claims)) await assertRefusedOrChecked(claims, ...own)
    const upsert = `${text} on conflict (agency_id, ${keys[table] ?? 'id'}) do`
    await assertRefused('42501', writerClaims(table, ofNorth), `${upsert} nothing`, values)
    if (table !== 'audit_log') {
      await assertRefused(
        '42501',
        writerClaims(table, ofNorth),
        `${upsert} update set agency_id = excluded.agency_id`,
        values,
      )
    }
    assert.equal(await fingerprint(ofSouth.agency_id), before)
  })
}

/** 23514: the audit log has a check constraint on the role of the writer. */
async function assertRefusedOrChecked(...call: Parameters<typeof runAs>): Promise<void> {
  const error = await captureError(runAs(...call))
  assert.match(error.code ?? '', /^(42501|23514)$/, `${JSON.stringify(call[0])}: ${error.message}`)
}

test('no row can be moved to another agency, or changed or deleted there', async () => {
  const before = [await fingerprint(north), await fingerprint(ofSouth.agency_id)]
  for (const [table, column] of tables) {
    const claims = writerClaims(table, ofNorth)
    await assertRefused('42501', claims, `update ${table} set ${column} = $1`, [ofSouth.agency_id])
    const reached = await countOrSqlstate(claims, `update ${table} set ${column} = ${column} where ${column} = $1`)
    assert.ok(reached === 0 || ['actors', 'audit_log', 'audit_seals'].includes(table), `${table}: ${reached}`)
    const deleted = await countOrSqlstate(claims, `delete from ${table} where ${column} = $1`)
    assert.equal(
      deleted,
      ['blocks', 'event_dead_letters', 'occupancies', 'property_photos', 'saved_views'].includes(table) ? 0 : '42501',
      table,
    )
    await assertRefused('42501', claims, `truncate ${table} cascade`)
  }
  assert.deepEqual([await fingerprint(north), await fingerprint(ofSouth.agency_id)], before)
})

async function countOrSqlstate(claims: object, text: string): Promise<number | string | undefined> {
  return runAs(claims, text, [ofSouth.agency_id]).then(
    ({ count }) => count,
    ({ code }: { code?: string }) => code,
  )
}

test('rows cannot reference another agency, and the error reveals nothing', async () => {
  const crossed: Record<string, [table: string, h: AgencyIds]> = {
    'a booking of their property': ['bookings', { ...ofNorth, property_id: ofSouth.property_id }],
    'a booking for their guest': ['bookings', { ...ofNorth, guest_id: ofSouth.guest_id }],
    'a block on their property': ['occupancies', { ...ofNorth, property_id: ofSouth.property_id }],
  }
  for (const [what, [table, h]] of Object.entries(crossed)) {
    const error = await captureError(runAs(operatorOf(ofNorth), ...(inserts[table]?.(h) ?? ['', []])))
    assert.equal(error.code, '23503', what)
    assert.ok(!`${error.detail} ${error.message}`.includes('00000000-'), `${what}: ${error.detail}`)
  }
  const claims = operatorOf(ofNorth)
  await assertRefused('23503', claims, 'update properties set owner_id = $1', [ofSouth.user_id])
  await assertRefused('23503', claims, 'update bookings set property_id = $1', [ofSouth.property_id])
  await assertRefused('23503', claims, 'update bookings set guest_id = $1', [ofSouth.guest_id])
  await assertRefused('23503', claims, 'update occupancies set booking_id = $1 where property_id = $2', [
    ofSouth.booking_id,
    ofNorth.property_id,
  ])
})

test('an id that another agency uses can be inserted', async () => {
  const taken = { ...ofNorth, fresh_id: ofSouth.guest_id }
  assert.equal((await runAs(operatorOf(ofNorth), ...(inserts.guests?.(taken) ?? ['', []]))).count, 1)
})

test('an owner sees own properties with bookings, occupancies and guests only', async () => {
  const claims = claimsOf('owner')
  const seen = async (text: string) => (await runAs(claims, text)).rows.map((row) => Object.values(row)[0])
  assert.deepEqual(await seen('select id from properties'), [castProperties.lake.id])
  assert.deepEqual(await seen('select id from bookings'), [ofNorth.booking_id])
  assert.deepEqual(await seen('select booking_id from occupancies'), [ofNorth.booking_id])
  assert.deepEqual(await seen('select id from guests'), [ofNorth.guest_id])
  assert.deepEqual(await seen('select user_id from team_members'), [players.owner.user_id])
  assert.deepEqual(await seen('select id from users'), [players.owner.user_id])
  assert.deepEqual(await seen('select id from audit_log'), [])
  assert.deepEqual(await seen('select key from idempotency_keys'), [])
})

test('an owner without a user id sees no rows', async () => {
  for (const table of [
    'properties',
    'bookings',
    'occupancies',
    'guests',
    'team_members',
    'users',
    'idempotency_keys',
  ]) {
    assert.equal(await countAs({ agency_id: north, app_role: 'owner' }, table), 0, table)
  }
})

test('only admins read the audit log, and accountants read no guests', async () => {
  for (const role of ['accountant', 'staff', 'manager', 'owner'] as const) {
    assert.equal(await countAs(claimsOf(role), 'audit_log'), 0, role)
  }
  assert.equal(await countAs(claimsOf('accountant'), 'guests'), 0)
  assert.ok((await countAs(claimsOf('accountant'), 'bookings')) > 0)
})
