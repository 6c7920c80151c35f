// The schema hash-partitioned by agency, with the exclusion constraint: the service works unchanged.
// Embedded PostgreSQL 18 only: an exclusion constraint on a partitioned table needs PostgreSQL 17.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { type Actor, operatorOf } from '../../src/core/auth/actors.ts'
import { createCursors } from '../../src/core/cursors.ts'
import { purgeExpiredKeys } from '../../src/core/idempotency.ts'
import type { Tx } from '../../src/core/postgres/transaction.ts'
import { auditTenancy } from '../../src/core/tenancy/audit.ts'
import { checkTenantIsolation } from '../../src/core/tenancy/isolation-check.ts'
import { auditShards } from '../../src/core/tenancy/shards.ts'
import { insertOccupancy } from '../../src/features/availability/occupancies.ts'
import { listBookings } from '../../src/features/bookings/list.ts'
import { castProperties, north, players, south } from '../cast.ts'
import { tenantTables } from '../isolation/tables.ts'
import { type Owner, openPartitionedFixture, partitions } from '../partitioned-fixture.ts'
import { fillBoth } from '../two-agencies.ts'
import { verify } from '../verify-fixture.ts'

/** The rows of each table before it was partitioned, and its columns in the catalog. */
const before = new Map<string, unknown>()
let fingerprint = ''
const fixture = await openPartitionedFixture(async (plain) => {
  await fillBoth(plain)
  for (const table of tenantTables.keys()) before.set(table, await describe(plain.owner, table))
  fingerprint = (await plain.db.systemRead((tx) => auditTenancy(tx, { is_embedded: true }))).fingerprint
})
const { store, staff, manager, admin, outsider } = fixture
const sharded = [...tenantTables.keys()].filter((table) => table !== 'agencies')

async function describe(owner: Owner, table: string): Promise<unknown> {
  const rows = await owner.query(
    `select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as sum from ${table} t`,
  )
  const columns = await owner.query(
    `select attname, atttypid::regtype::text as type, attnotnull, attgenerated, pg_get_expr(adbin, attrelid) as value,
       col_description(attrelid, attnum) as comment
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = $1::regclass and attnum > 0 order by attnum`,
    [table],
  )
  return { rows: rows.rows, columns: columns.rows }
}

const stay = { property_id: castProperties.lake.id, check_in: '2031-03-01', check_out: '2031-03-08', num_adults: 2 }
const guest = { first_name: 'Nora', last_name: 'North', email: 'nora@example.com' }

async function book(body: object, headers = {}): Promise<string> {
  const reply = await staff.post('bookings', { ...stay, ...body }, headers)
  assert.equal(reply.status, 201, reply.text)
  return reply.body.id as string
}

test('every table with an agency is partitioned and keeps its rows and columns', async () => {
  const { rows } = await store.owner.query(
    `select c.relname as name, c.relkind as kind, (select count(*)::int from pg_inherits where inhparent = c.oid) as n
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any ($1)`,
    [sharded],
  )
  assert.equal(rows.length, sharded.length)
  for (const { name, kind, n } of rows) assert.deepEqual([kind, n], ['p', partitions], String(name))
  for (const [table, was] of before) assert.deepEqual(await describe(store.owner, table), was, table)
})

test('policies, keys, grants, triggers and functions are unchanged, and the audit has no finding', async () => {
  const audit = await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded: true }))
  assert.deepEqual(audit.findings, [])
  assert.equal(audit.fingerprint, fingerprint, 'the same fingerprint as before')
  const shards = await store.db.systemRead((tx) => auditShards(tx))
  assert.deepEqual(shards.findings, [])
  const reachable = await store.owner.query(
    `select c.oid::regclass::text as name from pg_class c, unnest(array['roost_tenant', 'roost_system', 'roost_auth']) role
     where c.relispartition and c.relkind = 'r' and c.relnamespace <> 'pgboss'::regnamespace
       and has_schema_privilege(role, c.relnamespace, 'usage')`,
  )
  assert.deepEqual(reachable.rows, [])
})

test('a grant on a partition or its schema is an audit finding', async (t) => {
  const broken = async (grant: string, revoke: string) => {
    await store.owner.query(grant)
    t.after(() => store.owner.query(revoke))
    return (await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded: true }))).findings.map(({ rule }) => rule)
  }
  const onTable = 'select on part_0.guests'
  assert.ok((await broken(`grant ${onTable} to roost_tenant`, `revoke ${onTable} from roost_tenant`)).includes('T03'))
  const onSchema = 'usage on schema part_1'
  assert.ok((await broken(`grant ${onSchema} to roost_tenant`, `revoke ${onSchema} from roost_tenant`)).includes('T03'))
})

test('no statement of any kind reaches the other agency', async () => {
  const connection = await store.connectOwner()
  const { findings, statements } = await checkTenantIsolation(connection, {
    only: ['bookings', 'occupancies', 'audit_log'],
  })
  await connection.release()
  assert.deepEqual(findings, [])
  assert.ok(statements > 1000)
})

test('a stay is booked, moved, checked in and cancelled; the audit log has each step', async () => {
  const id = await book({ guest })
  assert.equal((await manager.get(`bookings/${id}`)).body.guest.email, guest.email)
  assert.equal((await outsider.get(`bookings/${id}`)).status, 404)
  const listed = async (client: typeof staff) =>
    (await client.get('bookings?limit=100')).body.items.map((b: { id: string }) => b.id)
  assert.ok((await listed(staff)).includes(id))
  assert.ok(!(await listed(outsider)).includes(id))
  const moved = await manager.patch(`bookings/${id}`, { check_in: '2031-03-20', check_out: '2031-03-25' })
  assert.deepEqual([moved.status, moved.body.check_in], [200, '2031-03-20'])
  const elsewhere = await manager.patch(`bookings/${id}`, { property_id: castProperties.town.id })
  assert.equal(elsewhere.status, 200, elsewhere.text)
  const cancelled = await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' })
  assert.deepEqual([cancelled.status, cancelled.body.status], [200, 'cancelled'])
  const history = await admin.get(`bookings/${id}/history`)
  assert.ok(history.body.items.length >= 4, history.text)
  assert.equal((await admin.get('audit-log?action=booking.created')).status, 200)
})

test('taken nights answer 409 to bookings, holds and blocks', async () => {
  await book({ check_in: '2031-05-01', check_out: '2031-05-08' })
  const again = await staff.post('bookings', { ...stay, check_in: '2031-05-07', check_out: '2031-05-09' })
  assert.deepEqual([again.status, again.body.error.code], [409, 'BOOKING_CONFLICT'])
  const behind = await book({ check_in: '2031-05-08', check_out: '2031-05-10' })
  const back = await manager.patch(`bookings/${behind}`, { check_in: '2031-05-06' })
  assert.deepEqual([back.status, back.body.error.code], [409, 'BOOKING_CONFLICT'])
  const hold = await staff.post('holds', {
    property_id: stay.property_id,
    check_in: '2031-05-01',
    check_out: '2031-05-03',
  })
  assert.deepEqual([hold.status, hold.body.error.code], [409, 'BOOKING_CONFLICT'])
})

test('the exclusion constraint refuses a night twice, for the service and for direct inserts', async () => {
  await book({ check_in: '2031-06-01', check_out: '2031-06-08' })
  const nights = { property_id: stay.property_id, check_in: '2031-06-07', check_out: '2031-06-09' }
  const occupant = { kind: 'booking', id: await book({ check_in: '2031-07-01', check_out: '2031-07-02' }) } as const
  await assert.rejects(
    store.db.tenantTx(operatorOf(north), async (tx) => {
      await tx.query(
        sql`delete from occupancies o where o.agency_id = ${tx.agency_id} and o.booking_id = ${occupant.id}`,
      )
      await insertOccupancy(tx, occupant, nights)
    }),
    { code: 'BOOKING_CONFLICT' },
  )
  await assert.rejects(
    store.owner.query(
      `insert into occupancies (agency_id, id, property_id, kind, during)
       values ($1, gen_random_uuid(), $2, 'channel', daterange('2031-06-03', '2031-06-04'))`,
      [north, stay.property_id],
    ),
    { code: '23P01', constraint: 'occupancies_no_overlap' },
  )
})

test('foreign keys, unique keys and checks have the constraint names that the service expects', async () => {
  const refused = (text: string, code: string, constraint: string) =>
    assert.rejects(store.owner.query(text, [north]), { code, constraint }, constraint)
  const cross_tenant = `update bookings set property_id = '${castProperties.beach.id}' where agency_id = $1`
  await refused(cross_tenant, '23503', 'bookings_property_fkey')
  const twice = `insert into team_members (agency_id, id, user_id, role) values ($1, gen_random_uuid(), '${players.admin.user_id}', 'staff')`
  await refused(twice, '23505', 'team_members_user_key')
  await refused('update bookings set num_adults = 0 where agency_id = $1', '23514', 'bookings_num_adults_check')
})

test('deleting a guest sets guest_id of its bookings to null and changes nothing else', async () => {
  const id = await book({
    check_in: '2031-08-01',
    check_out: '2031-08-03',
    guest: { ...guest, email: 'gone@example.com' },
  })
  await store.owner.query("delete from guests where agency_id = $1 and email = 'gone@example.com'", [north])
  const { rows } = await store.owner.query('select agency_id, guest_id, num_nights from bookings where id = $1', [id])
  assert.deepEqual(rows, [{ agency_id: north, guest_id: null, num_nights: 2 }])
})

test('a retry with an Idempotency-Key returns the same booking', async () => {
  const dates = { check_in: '2031-09-01', check_out: '2031-09-04' }
  const key = { 'idempotency-key': 'call-17' }
  assert.equal(await book(dates, key), await book(dates, key))
})

test('the last admin cannot be removed, and the audit log is sealed', async () => {
  const { user_id } = players.admin
  const demoted = await admin.patch(`team/${user_id}`, { role: 'staff' })
  assert.equal(demoted.status, 409, demoted.text)
  const { rows } = await store.owner.query('select sum(sealed) as sealed from app.seal_audit(1000, $1)', [north])
  assert.ok(Number(rows[0]?.sealed) > 0)
})

test('the purge deletes expired keys in every partition and nothing else', async () => {
  const count = async (condition: string) =>
    (await store.owner.query(`select count(*)::int as n from idempotency_keys where ${condition}`)).rows[0]?.n
  const alive = await count('expires_at >= now()')
  assert.ok(Number(await count('expires_at < now()')) > 0)
  await purgeExpiredKeys(store.db)
  assert.deepEqual([await count('expires_at < now()'), await count('expires_at >= now()')], [0, alive])
})

test('agencies are spread over the partitions, each with all of its rows in one', async () => {
  await store.owner.query(
    `insert into agencies (id, name, slug) select md5('spread-' || n)::uuid, 'Spread', 'spread-' || n from generate_series(1, 40) n;
     insert into guests (agency_id, id, first_name, last_name)
     select id, gen_random_uuid(), 'A', 'Guest' from agencies, generate_series(1, 3) where slug like 'spread-%'`,
  )
  const { rows } = await store.owner.query(
    'select agency_id, count(distinct tableoid)::int as n, min(tableoid::regclass::text) as place from guests group by 1',
  )
  assert.ok(rows.every(({ n }) => n === 1))
  assert.equal(new Set(rows.map(({ place }) => place)).size, partitions)
  const places = await Promise.all(
    sharded.map((table) =>
      store.owner.query(
        `select distinct split_part(tableoid::regclass::text, '.', 1) as part from ${table} where agency_id = $1`,
        [south],
      ),
    ),
  )
  assert.equal(new Set(places.flatMap(({ rows: found }) => found.map(({ part }) => part))).size, 1)
})

for (const mode of ['force_custom_plan', 'force_generic_plan']) {
  for (const role of ['staff', 'owner'] as const) {
    test(`the list of bookings reads one partition of each table, as ${role} (${mode})`, async () => {
      const actor: Actor = { ...operatorOf(north), role, kind: 'person', id: players[role].user_id }
      const plan = await store.db.tenantTx(actor, async (tx) => {
        const { text, values } = await listed(tx)
        const given = values.map((value) => (typeof value === 'number' ? value : `'${String(value)}'`))
        await tx.script(`set local plan_cache_mode = ${mode}; prepare list as ${text}`)
        const { rows } = await tx.script(
          `explain (analyze, verbose, costs off, timing off, buffers off) execute list (${given})`,
        )
        await tx.script('deallocate list')
        return rows.map((row) => String(Object.values(row as object)[0]))
      })
      const read = plan.flatMap((line) => / on (part_\d+)\.(\w+) \w+ \(actual/.exec(line)?.slice(1, 3).join('.') ?? [])
      assert.ok(['bookings', 'properties', 'guests'].every((table) => read.some((name) => name.endsWith(`.${table}`))))
      assert.equal(new Set(read.map((name) => name.split('.')[0])).size, 1, plan.join('\n'))
    })
  }
}

/** The statement that the service sends for a list of bookings. */
async function listed(tx: Tx): Promise<{ text: string; values: readonly unknown[] }> {
  const sent: { text: string; values: readonly unknown[] }[] = []
  const watched: Tx = {
    ...tx,
    query: (statement) => {
      sent.push({ text: statement.text, values: statement.values })
      return tx.query(statement)
    },
  }
  await listBookings(watched, createCursors('x'.repeat(40)), { limit: 20 })
  const [list] = sent
  assert.ok(list)
  return list
}

test('roost verify succeeds on it and removes what it creates', async () => {
  for (const args of [['tenancy'], ['shardable'], ['overlap', '--clients', '4', '--rounds', '1']]) {
    const { out, err, code } = await verify(store, args)
    assert.equal(code, 0, `${args}: ${out}${err}`)
  }
})
