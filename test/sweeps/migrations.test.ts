// This project's migrations: up, down, up gives the same schema and keeps rows in other tables.
// One engine is enough: both are PostgreSQL, and each embedded database applies all migrations.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { operatorOf } from '../../src/core/auth/actors.ts'
import { createMigratorFor } from '../../src/store.ts'
import { castProperties, players } from '../cast.ts'
import { openTestStore } from '../engines.ts'
import { fillBoth } from '../two-agencies.ts'

const store = await openTestStore()
after(() => store.close())
const migrator = createMigratorFor(store)

/** The schema as text: columns, constraints, indexes, policies, grants, triggers and functions of our two schemas. */
async function schema(): Promise<string[]> {
  const { rows } = await store.owner.query(`
    with ours as (select oid from pg_namespace where nspname in ('public', 'app')),
      tables as (select c.* from pg_class c where c.relnamespace in (select oid from ours) and c.relkind = 'r')
    select format('column %s %s %s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
        attgenerated, (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum)) as line
      from pg_attribute a join tables t on t.oid = a.attrelid where attnum > 0 and not attisdropped
    union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
      from pg_constraint k join tables t on t.oid = k.conrelid
    union all select 'index ' || indexdef from pg_indexes where schemaname in ('public', 'app')
    union all select format('column grants %s %s %s', attrelid::regclass, attname,
        (select string_agg(x::text, ',' order by x::text) from unnest(attacl) x))
      from pg_attribute a join tables t on t.oid = a.attrelid where attacl is not null
    union all select format('schema %s %s', n.nspname, (select string_agg(x::text, ',' order by x::text) from unnest(nspacl) x))
      from pg_namespace n where n.nspname = 'app'
    union all select format('policy %s %s %s %s %s %s %s', polrelid::regclass, polname, polpermissive, polcmd,
        (select string_agg(g::regrole::text, ',' order by g::regrole::text) from unnest(polroles) g), pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) from pg_policy
    union all select format('table %s %s %s %s', t.oid::regclass, relrowsecurity, relforcerowsecurity,
        (select string_agg(x::text, ',' order by x::text) from unnest(relacl) x)) from tables t
    union all select format('trigger %s %s', tgrelid::regclass, pg_get_triggerdef(g.oid)) from pg_trigger g
      join tables t on t.oid = g.tgrelid where not tgisinternal
    union all select format('function %s %s %s %s', p.oid::regprocedure, md5(prosrc), proowner::regrole,
        (select string_agg(x::text, ',' order by x::text) from unnest(proacl) x)) from pg_proc p
      where p.pronamespace in (select oid from ours where oid = (select oid from pg_namespace where nspname = 'app'))
    order by 1`)
  return rows.map(({ line }) => String(line))
}

async function count(table: string): Promise<number> {
  const { rows } = await store.owner.query(`select count(*)::int as n from ${table}`)
  return rows[0]?.n as number
}

const tickets = [
  { ticket: 'P1-11', table: 'audit_log', file: '20261123080400_audit_log' },
  { ticket: 'P1-12', table: 'idempotency_keys', file: '20261123080500_idempotency_keys' },
  { ticket: 'P1-13', table: 'agency_features', file: '20261123080600_agency_features' },
]

test('every migration is applied, and a second up changes nothing', async () => {
  const before = await schema()
  assert.deepEqual(await migrator.pending(), [])
  assert.deepEqual(await migrator.up(), [])
  assert.deepEqual(await schema(), before)
})

for (const { ticket, table, file } of tickets) {
  test(`${ticket}: ${table} down and up gives the same schema and keeps other rows`, async () => {
    const before = await schema()
    const rows = {
      properties: await count('properties'),
      users: await count('users'),
      members: await count('team_members'),
    }
    assert.ok(rows.properties > 0 && rows.users > 0)
    const [version = ''] = file.split('_')
    const all = await migrator.status()
    const below = all[all.findIndex((status) => status.version === version) - 1]
    const undone = await migrator.down({ to: below?.version ?? '' })
    assert.equal(undone.at(-1)?.version, version)
    assert.ok(!(await schema()).some((line) => line.includes(` ${table} `)), 'the table is dropped')
    const redone = await migrator.up()
    assert.ok(redone.some((applied) => applied.version === version))
    assert.deepEqual(await schema(), before)
    assert.deepEqual(
      { properties: await count('properties'), users: await count('users'), members: await count('team_members') },
      rows,
    )
  })
}

test('a rollback that would lose rows is refused, and archives them when accepted', async () => {
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id)
     values ($1, $2, $3, 'admin', 'property.created', 'property', $2)`,
    [castProperties.lake.agency_id, castProperties.lake.id, players.admin.user_id],
  )
  const to = '20261123080300'
  await assert.rejects(migrator.down({ to }), /audit_log/)
  assert.equal(await count('audit_log'), 1)
  await migrator.down({ to, accept_data_loss: true })
  const { rows } = await store.owner.query(
    "select table_name from information_schema.tables where table_schema = 'archive'",
  )
  assert.equal(rows.length, 1)
  assert.equal(await count(`archive.${rows[0]?.table_name}`), 1)
  await migrator.up()
  assert.equal(await count('audit_log'), 0)
})

test('rollbacks since 20261130160000 restore the schema before exactly, and keep rows', async () => {
  const rows = async () => [await count('bookings'), await count('occupancies'), await count('audit_log')]
  await fillBoth(store)
  for (const table of [
    'event_cursors',
    'event_dead_letters',
    'listing_aliases',
    'booking_conflicts',
    'channel_bookings',
    'saved_views',
    'property_photos',
  ]) {
    await store.owner.query(`delete from ${table}`)
  }
  const before = await rows()
  assert.ok(before.every((n) => n > 0))
  const versions = (await migrator.status()).map(({ version }) => version)
  const first = versions.indexOf('20261130160000')
  assert.ok(first > 0)
  const schemas = new Map<string, string[]>()
  await migrator.down({ to: versions[first - 1] ?? '' })
  schemas.set(versions[first - 1] ?? '', await schema())
  for (const version of versions.slice(first)) {
    await migrator.up({ to: version })
    schemas.set(version, await schema())
  }
  for (const version of versions.slice(first - 1, -1).reverse()) {
    await migrator.down({ to: version })
    assert.deepEqual(await schema(), schemas.get(version), version)
  }
  await migrator.up()
  assert.deepEqual(await schema(), schemas.get(versions.at(-1) ?? ''))
  assert.deepEqual(await rows(), before)
})

test('actors are made from the agencies and members of an earlier version', async () => {
  const versions = (await migrator.status()).map(({ version }) => version)
  const before = versions[versions.indexOf('20261130203000') - 1] ?? ''
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id)
     values ($1, $2, $3, 'operator', 'property.created', 'property', $2)`,
    [castProperties.lake.agency_id, castProperties.forest.id, operatorOf('').id],
  )
  await migrator.down({ to: before })
  await migrator.up()
  const { rows } = await store.owner.query(`
    select (select count(*)::int from actors where kind = 'operator') as operators,
      (select count(*)::int from actors where kind = 'job') as jobs, (select count(*)::int from agencies) as agencies,
      (select count(*)::int from actors where kind = 'person') as people, (select count(*)::int from team_members) as members,
      (select name from actors where id = '${players.former.user_id}') as former,
      (select count(*)::int from pg_constraint where confrelid = 'actors'::regclass and convalidated) as keys`)
  const { operators, jobs, agencies, people, members, former, keys } = rows[0] ?? {}
  assert.deepEqual([operators, jobs, people, former], [agencies, agencies, members, 'former'])
  assert.equal(keys, 6)
})

test('all migrations down leave no table of ours, and up gives the same schema', async () => {
  const before = await schema()
  await migrator.down({ to: '0', accept_data_loss: true })
  assert.deepEqual(await schema(), [])
  await migrator.up()
  assert.deepEqual(await schema(), before)
})
