// The migration to proven addresses: its effect on existing accounts, members and sessions.
// One engine is enough: both are PostgreSQL, and each embedded database applies all migrations.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { north, players, south } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { createIdentities } from '../../core/auth/memberships.ts'
import { createMigratorFor } from '../../store.ts'

const store = await openTestStore()
after(() => store.close())
const query = (text: string, values?: unknown[]) => store.owner.query(text, values)
const idOf = (n: number) => `00000002-0000-7000-8000-0000000000b${n}`
const [invited, readded, subject] = [idOf(1), idOf(2), idOf(3)]

/** An account that accepted an invitation of north an hour ago and was created `minutes` before. */
async function accepted(id: string, made_before: number): Promise<void> {
  await query(
    `insert into users (id, email, full_name, password_hash, created_at)
     values ($1::uuid, $1 || '@example.com', 'x', 'hash', now() - interval '60 minutes' - $2 * interval '1 minute')`,
    [id, made_before],
  )
  await query("insert into team_members (agency_id, id, user_id, role) values ($1, $2, $2, 'admin')", [north, id])
  await query(
    `insert into team_invitations (agency_id, id, email, role, token_hash, invited_by, created_at, expires_at, accepted_at, accepted_by)
     values ($1, $2::uuid, $2 || '@example.com', 'admin', sha256($2::text::bytea), $3, now() - interval '2 hours',
       now() + interval '1 day', now() - interval '60 minutes', $2::uuid)`,
    [north, id, players.admin.user_id],
  )
}

test('accounts created by an invitation become unproven and act only in the inviting agency', async () => {
  const migrator = createMigratorFor(store)
  await migrator.down({ to: '20261124160010' })
  await accepted(invited, 1)
  await query("insert into team_members (agency_id, id, user_id, role) values ($1, $2, $2, 'admin')", [south, invited])
  await accepted(readded, 24 * 60)
  await query(
    `insert into users (id, email, full_name, password_hash, auth_subject) values ($1, 'both@example.com', 'x', 'hash', 'sub')`,
    [subject],
  )
  await query(
    "insert into sessions (id, user_id, expires_at) values (gen_random_uuid(), $1, now() + interval '1 day')",
    [subject],
  )
  await migrator.up()
  const { rows } = await query(
    `select id, email_proven_by, email_proven_at is not null as is_dated, local_agency_id, password_hash, token_generation
     from users where id = any ($1) order by id`,
    [[invited, readded, subject]],
  )
  const proven = { email_proven_by: 'operator', is_dated: true, local_agency_id: null }
  const unproven = { email_proven_by: null, is_dated: false, local_agency_id: north }
  assert.deepEqual(rows, [
    { id: invited, ...unproven, password_hash: 'hash', token_generation: 0 },
    { id: readded, ...proven, password_hash: 'hash', token_generation: 0 },
    { id: subject, ...proven, password_hash: null, token_generation: 1 },
  ])
  const { rows: sessions } = await query('select ended_by from sessions where user_id = $1', [subject])
  assert.deepEqual(sessions, [{ ended_by: 'password' }])
  const identity = await createIdentities(store.db, 0).find({ sub: invited, is_own: true })
  assert.deepEqual(
    identity?.memberships.map(({ agency_id }) => agency_id),
    [north],
  )
  const { rows: kept } = await query('select is_active from team_members where user_id = $1 and agency_id = $2', [
    invited,
    south,
  ])
  assert.deepEqual(kept, [{ is_active: true }], 'the membership is kept for the operator')
})

test('the migration is not rolled back while an address has several accounts', async () => {
  await query(`insert into users (id, email, full_name, local_agency_id) values (gen_random_uuid(), $1, 'x', $2)`, [
    players.admin.email,
    south,
  ])
  await assert.rejects(
    createMigratorFor(store).down({ to: '20261124160010' }),
    /users_email_key|could not create unique index/,
  )
})
