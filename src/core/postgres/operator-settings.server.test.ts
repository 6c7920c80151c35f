// Proves that settings of the operator's, set on the database or the role, change no answer and no guarantee.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { must, stay } from '../../../test/steps.ts'

const stage = await cast({ pool_size: 6 })
const { admin, manager, outsider } = stage
const { owner } = stage.store

/** Sets it for every session of this database that begins from now on, and ends those there are. */
async function setForDatabase(setting: string): Promise<void> {
  await owner.query(
    `do $$ begin execute format('alter database %I ${setting.replaceAll("'", "''")}', current_database()); end $$`,
  )
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = 'roost_test_api'`)
}

async function under(setting: string, work: () => Promise<void>): Promise<void> {
  await setForDatabase(`set ${setting}`)
  try {
    await work()
  } finally {
    await setForDatabase(`reset ${setting.split(/ ?[=]/)[0]?.trim()}`)
  }
}

/** Everything an admin reads, as bytes, but for what differs from one request to the next. */
async function everything(): Promise<string[]> {
  const paths = ['properties', 'bookings', 'guests', 'team', 'agency', 'availability/blocks', 'holds', 'me']
  const replies = await Promise.all(paths.map((path) => admin.get(path)))
  const calendar = await admin.get(`availability?property_id=${castProperties.lake.id}&from=2027-07-01&to=2027-07-20`)
  return [...replies, calendar].map(({ status, text }) => `${status} ${text}`)
}

must(201, await manager.post('bookings', stay(castProperties.lake.id, '2027-07-05', 4, { internal_notes: 'a\\b' })))

const settings = [
  "default_transaction_isolation = 'repeatable read'",
  "default_transaction_isolation = 'serializable'",
  "search_path = 'pg_temp'",
  "search_path = 'elsewhere, app'",
  "datestyle = 'SQL, DMY'",
  "datestyle = 'German'",
  "intervalstyle = 'iso_8601'",
  "timezone = 'Pacific/Chatham'",
  "bytea_output = 'escape'",
  'standard_conforming_strings = off',
  'row_security = off',
  'extra_float_digits = -15',
  'lock_timeout = 1',
  "statement_timeout = '60s'",
  "lc_messages = 'C'",
] as const

for (const setting of settings) {
  test(`${setting}: every answer is the same, and a stay can be booked and deleted`, async () => {
    const before = await everything()
    await under(setting, async () => {
      assert.deepEqual(await everything(), before)
      const made = must(201, await manager.post('bookings', stay(castProperties.town.id, '2027-08-01')))
      assert.equal(made.body.check_in, '2027-08-01')
      assert.match(made.body.created_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      must(204, await admin.delete(`bookings/${made.body.id}`))
    })
  })
}

for (const level of ['read committed', 'repeatable read', 'serializable']) {
  test(`default isolation ${level}: of two admins who demote each other at once one stays admin`, async () => {
    await under(`default_transaction_isolation = '${level}'`, async () => {
      for (let round = 0; round < 40; round += 1) {
        await owner.query("update team_members set role = 'admin' where agency_id = $1 and user_id = any ($2)", [
          north,
          [players.admin.user_id, players.manager.user_id],
        ])
        const replies = await Promise.all([
          admin.patch(`team/${players.manager.user_id}`, { role: 'staff' }),
          manager.patch(`team/${players.admin.user_id}`, { role: 'staff' }),
        ])
        const { rows } = await owner.query(
          "select count(*)::int as n from team_members where agency_id = $1 and role = 'admin' and is_active",
          [north],
        )
        assert.equal(rows[0]?.n, 1, `round ${round}: ${replies.map(({ status }) => status)}`)
      }
    })
    await owner.query(
      "update team_members set role = case user_id when $2 then 'admin' else 'manager' end where agency_id = $1 and user_id = any ($3)",
      [north, players.admin.user_id, [players.admin.user_id, players.manager.user_id]],
    )
  })
}

test('a table of the same name in a schema named like the role is not read', async () => {
  const before = await everything()
  await owner.query(`create schema authenticated;
    create table authenticated.guests as select * from public.guests;
    create table authenticated.bookings as select * from public.bookings;
    create table authenticated.properties as select * from public.properties;
    update authenticated.properties set name = 'planted';
    update authenticated.bookings set reference = 'PLANTED';
    grant usage on schema authenticated to authenticated;
    grant all on all tables in schema authenticated to authenticated`)
  try {
    assert.deepEqual(await everything(), before)
    assert.equal(must(200, await outsider.get('properties')).body.items.length, 1)
  } finally {
    await owner.query('drop schema authenticated cascade')
  }
})

test('a temporary table on the connection of the API stands in front of nothing', async () => {
  const before = await everything()
  await owner.query(
    "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
  )
  for (let n = 0; n < 6; n += 1)
    await stage.store.db.systemTx((tx) =>
      tx.script('reset role; create temporary table if not exists properties (agency_id uuid, id uuid, name text)'),
    )
  assert.deepEqual(await everything(), before)
})
