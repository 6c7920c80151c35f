// The plan sweep reports each way in which a statement could read other agencies' rows.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { agencies, openDatabases } from './databases.ts'
import { sweepPlans } from './sweep.ts'
import { rows_each } from './volume.ts'

const databases = await openDatabases()
after(() => databases.close())

async function problemsOf(...texts: string[]): Promise<string> {
  const statements = texts.map((text) => ({ text, file: 'src/a.ts' }))
  return (await sweepPlans(databases, statements)).problems.join('\n')
}

/** A statement, a schema change that makes its plan bad, and the expected problem. */
const mistakes: Readonly<Record<string, readonly [statement: string, change: string, problem: RegExp]>> = {
  'sign-in without the index on e-mail addresses': [
    'select id from app.accounts_of($1)',
    'drop index users_email_idx',
    /sequential scan of users in a function, .*\(custom plan[\s\S]*sequential scan of users in a function, .*\(generic plan/,
  ],
  "a person's agencies without their index": [
    'select agency_id from app.memberships_of($1, $2)',
    'drop index team_members_user_idx',
    /sequential scan of team_members in a function|team_members_user_key: \d+ pages among few agencies/,
  ],
  'sealing without the index on transactions': [
    'select agency from app.seal_audit($1)',
    'drop index audit_log_xact_idx',
    /sequential scan of audit_log in a function/,
  ],
  'the purge of sessions without the index on their end': [
    'select app.purge_sessions($1)',
    'drop index sessions_over_idx',
    /sequential scan of sessions in a function/,
  ],
  'an index that does not lead with the agency': [
    'select f.id from agency_features f where f.agency_id = $1 and f.feature_name = $2',
    `alter table agency_features drop constraint agency_features_pkey, drop constraint agency_features_name_key;
     create index agency_features_name on agency_features (feature_name)`,
    /agency_features_name is not read by agency_id: .*\(generic plan/,
  ],
  'a table without any index': [
    'select f.id from agency_features f where f.agency_id = $1 and f.is_enabled',
    `alter table agency_features drop constraint if exists agency_features_pkey,
       drop constraint if exists agency_features_name_key;
     drop index if exists agency_features_name`,
    /sequential scan of agency_features \(custom plan[\s\S]*sequential scan of agency_features \(generic plan/,
  ],
  'a trigger that reads a table': [
    'insert into blocks (agency_id, id, property_id, start_date, end_date, reason) values ($1, $2, $3, $4, $5, $6)',
    `create function app.looks() returns trigger language plpgsql security definer as
       'begin perform count(*) from public.guests where phone is null; return null; end';
     create trigger looks after insert on blocks for each row execute function app.looks()`,
    /sequential scan of guests in a function, a trigger or a foreign key check/,
  ],
  'a foreign key without an index, when a row it refers to goes': [
    'select app.forgets()',
    `drop index refresh_tokens_session_idx;
     create function app.forgets() returns void language sql security definer as
       'delete from public.sessions where id = (select s.id from public.sessions s order by s.id limit 1)';
     grant execute on function app.forgets() to roost_system`,
    /sequential scan of refresh_tokens in a function, a trigger or a foreign key check/,
  ],
  'a function that reads more of an index the more agencies there are': [
    'select app.lately()',
    `create index audit_log_lately on audit_log (created_at);
     create function app.lately() returns bigint language sql security definer set enable_seqscan = off as
       'select count(before) from public.audit_log a where a.created_at > timestamptz $date$2026-01-01$date$';
     grant execute on function app.lately() to roost_system`,
    /audit_log: \d+ pages among few agencies, \d+ among many/,
  ],
}

/** Users belong to no agency, and the policy that limits an agency to its own is not an index. */
const unbound = 'select u.id from users u where u.full_name = $1'

test('the generated rows fill every table, and each references an existing row', async () => {
  const sizes = [
    ['few', databases.few],
    ['many', databases.many],
  ] as const
  for (const [size, { connection, filled }] of sizes) {
    for (const { table } of filled) {
      const { rows } = await connection.query(`select count(*)::integer as rows from public.${table.name}`)
      const expected = agencies[size] * (table.name === 'agencies' ? 1 : rows_each)
      assert.ok(Number(rows[0]?.rows) >= expected, `${table.name} has ${rows[0]?.rows} rows`)
      for (const { columns, table: target, foreign_columns } of table.references) {
        const pairs = columns.map((column, n) => `r.${foreign_columns[n]} = t.${column}`).join(' and ')
        const given = columns.map((column) => `t.${column} is not null`).join(' and ')
        const lost = `not exists (select from public.${target} r where ${pairs})`
        const orphans = await connection.query(`select from public.${table.name} t where ${given} and ${lost} limit 1`)
        assert.deepEqual(orphans.rows, [], `${table.name} (${columns.join(', ')})`)
      }
    }
  }
})

test('a statement with suitable indexes passes, with custom and generic plans', async () => {
  const bound = Object.values(mistakes).flatMap(([statement]) => (/forgets|lately/.test(statement) ? [] : [statement]))
  assert.equal(await problemsOf(...bound, 'select b.id from bookings b where b.agency_id = $1 and b.check_in > $2'), '')
})

test('rows inserted from a JSON parameter are generated as well', async () => {
  const text = `insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
    select $1, r.id, r.property_id, 'booking', r.booking_id, r.during
    from jsonb_populate_recordset(null::occupancies, $2) as r`
  assert.equal(await problemsOf(text), '')
})

test('a statement without a suitable index is reported with its plan', async () => {
  const problems = await problemsOf(unbound)
  assert.match(
    problems,
    /^src\/a\.ts: sequential scan of users \(custom plan, for the agency\)\n {2}select u\.id.*\n {2}Seq Scan/,
  )
  assert.match(problems, /Seq Scan on users filter .* \[1 rows, 1 times, \d+ pages\]/)
})

test('a statement that cannot be executed with the generated values is a problem', async () => {
  assert.match(
    await problemsOf('select b.id from bookings b where b.no_such_column = $1'),
    /could not be run: column b/,
  )
  assert.match(await problemsOf('delete from users u where u.id = $1'), /could not be run: permission denied/)
})

for (const [name, [statement, change, problem]] of Object.entries(mistakes)) {
  test(`${name}: the sweep reports it`, async () => {
    await databases.change(change)
    assert.match(await problemsOf(statement), problem)
  })
}
