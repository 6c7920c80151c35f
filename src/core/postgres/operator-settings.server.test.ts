// Settings of the database or the role change no response and no guarantee.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { must, stay } from '../../../test/steps.ts'

const fixture = await cast({ pool_size: 6 })
const { admin, manager, outsider } = fixture
const { owner } = fixture.store

/** Changes a setting of the database and ends all sessions, so that new ones use it. */
async function setForDatabase(setting: string): Promise<void> {
  await owner.query(
    `do $$ begin execute format('alter database %I ${setting.replaceAll("'", "''")}', current_database()); end $$`,
  )
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = 'roost_test_api'`)
}

async function withSetting(setting: string, work: () => Promise<void>): Promise<void> {
  await setForDatabase(`set ${setting}`)
  try {
    await work()
  } finally {
    await setForDatabase(`reset ${setting.split(/ ?[=]/)[0]?.trim()}`)
  }
}

/** The responses to an admin's reads. */
async function allResponses(): Promise<string[]> {
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
  test(`${setting}: responses are the same, and a booking can be created and deleted`, async () => {
    const before = await allResponses()
    await withSetting(setting, async () => {
      assert.deepEqual(await allResponses(), before)
      const made = must(201, await manager.post('bookings', stay(castProperties.town.id, '2027-08-01')))
      assert.equal(made.body.check_in, '2027-08-01')
      assert.match(made.body.created_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      must(204, await admin.delete(`bookings/${made.body.id}`))
    })
  })
}

for (const level of ['read committed', 'repeatable read', 'serializable']) {
  test(`default isolation ${level}: two admins who demote each other leave one admin`, async () => {
    await withSetting(`default_transaction_isolation = '${level}'`, async () => {
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
  const before = await allResponses()
  await owner.query(`create schema roost_tenant;
    create table roost_tenant.guests as select * from public.guests;
    create table roost_tenant.bookings as select * from public.bookings;
    create table roost_tenant.properties as select * from public.properties;
    update roost_tenant.properties set name = 'planted';
    update roost_tenant.bookings set reference = 'PLANTED';
    grant usage on schema roost_tenant to roost_tenant;
    grant all on all tables in schema roost_tenant to roost_tenant`)
  try {
    assert.deepEqual(await allResponses(), before)
    assert.equal(must(200, await outsider.get('properties')).body.items.length, 1)
  } finally {
    await owner.query('drop schema roost_tenant cascade')
  }
})

test('a temporary table on a connection of the API hides no table', async () => {
  const before = await allResponses()
  await owner.query(
    "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
  )
  for (let n = 0; n < 6; n += 1)
    await fixture.store.db.systemTx((tx) =>
      tx.script('reset role; create temporary table if not exists properties (agency_id uuid, id uuid, name text)'),
    )
  assert.deepEqual(await allResponses(), before)
})
