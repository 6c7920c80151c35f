// Row-level security: audit log, sign-in functions, system role, transaction context.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { castProperties, north, players } from '../../../test/cast.ts'
import { silent, type TestStore } from '../../../test/engines.ts'
import { type Client, cast } from '../../../test/harness.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { fillBoth, inserts, ofNorth, rawAccess } from '../../../test/two-agencies.ts'
import type { Actor } from '../auth/actors.ts'
import { roles } from '../auth/permissions.ts'
import { createBreaker } from '../postgres/breaker.ts'
import { createDatabase, type Database } from '../postgres/database.ts'
import { openServerPool } from '../postgres/pools.ts'
import { InternalError } from '../server-errors.ts'

const staffActor: Actor = { agency_id: north, role: 'staff', id: players.staff.user_id, kind: 'person' }
const guestOf = (first_name: string) =>
  sql`insert into guests (agency_id, id, first_name, last_name) values (${north}, gen_random_uuid(), ${first_name}, 'X')`

const fixture = await cast({
  extend: (app, { db }) => {
    app.post('/ignore-error', { config: { open: true } }, () =>
      db.tenantTx(staffActor, async (tx) => {
        await tx.query(guestOf('Ignored'))
        await tx.query(raw('select 1 / 0')).catch(() => {})
        return { saved: true }
      }),
    )
    app.get('/write', { config: { open: true } }, () => db.tenantRead(staffActor, (tx) => tx.query(guestOf('Read'))))
  },
})
const { store } = fixture
const runAs = rawAccess(store, { after })
await fillBoth(store)

const claimsOf = (role: string) => ({ sub: ofNorth.user_id, agency_id: north, app_role: role })
const sqlstateOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  )

/** Whether the error, or its cause, has this SQLSTATE. */
const causedBy = (sqlstate: string) => (error: Error & { code?: string }) =>
  [error.code, (error.cause as { code?: string } | undefined)?.code].includes(sqlstate)

async function guestsNamed(first_name: string): Promise<number> {
  const { rows } = await store.owner.query('select count(*)::int as n from guests where first_name = $1', [first_name])
  return rows[0]?.n as number
}

test('no role can change or delete a row of the audit log', async () => {
  for (const role of [...roles, 'operator']) {
    for (const text of ["update audit_log set action = 'x.y'", 'delete from audit_log', 'truncate audit_log']) {
      assert.equal(await sqlstateOf(runAs(claimsOf(role), text)), '42501', `${role}: ${text}`)
    }
  }
})

test('no role can write audit entries of another user or role', async () => {
  const [text, values] = inserts.audit_log?.(ofNorth) ?? ['', []]
  const asOther = text.replace('app.actor_id()', `'${players.manager.user_id}'`)
  const asNobody = text.replace('app.actor_id()', 'null')
  const asAdmin = text.replace('app.app_role()', "'admin'")
  assert.equal((await runAs(claimsOf('staff'), text, values)).count, 1, 'the sample row is valid')
  for (const forged of [asOther, asNobody, asAdmin]) {
    assert.equal(await sqlstateOf(runAs(claimsOf('staff'), forged, values)), '42501', forged)
  }
})

const signInFunctions = [
  "app.sign_in_user('admin@example.com')",
  "app.memberships_of(null, 'admin')",
  "app.find_agency('south')",
  'app.count_agencies()',
  "app.accounts_of('admin@example.com')",
  "app.create_account(gen_random_uuid(), 'x@example.com', 'X', null, null)",
  'app.prove_account(gen_random_uuid())',
  "app.set_subject(gen_random_uuid(), 'subject')",
  'app.schema_version()',
  "app.start_session(gen_random_uuid(), '00000002-0000-7000-8000-000000000001', sha256('a'), now(), 'agent')",
  "app.rotate_refresh_token(sha256('b'), sha256('c'))",
  "app.end_session(sha256('b'))",
  'app.end_own_session(gen_random_uuid(), gen_random_uuid())',
  "app.end_all_sessions(gen_random_uuid(), 'password')",
  "app.set_password(gen_random_uuid(), 'hash')",
  'app.sessions_of(gen_random_uuid())',
  'app.token_generation_of(gen_random_uuid())',
  'app.purge_sessions(1)',
  "app.open_invitation(sha256('b'))",
  "app.accept_invitation(sha256('b'), gen_random_uuid(), 0, gen_random_uuid(), gen_random_uuid(), 'request', 'X', null)",
  "app.audit_session_reuse(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'request')",
  'app.list_agencies()',
  "app.register_subscriber('test')",
  "app.agencies_behind('test')",
  "app.claim_events('test', gen_random_uuid(), '{}', 1)",
  "app.settle_events('test', gen_random_uuid(), '{}', '{}')",
  'app.subscriber_states()',
  "app.read_events('{}', '{}', 1)",
  'app.seal_audit(1)',
  "app.has_signed_in_from(gen_random_uuid(), sha256('n'))",
  "app.remember_network(gen_random_uuid(), sha256('n'))",
  'app.claim_mail(gen_random_uuid())',
  "app.settle_mail(gen_random_uuid(), gen_random_uuid(), 'sent', null, 0)",
  'app.purge_mail(1)',
  'app.list_mail(null, 1)',
  'app.mail_states()',
  "app.add_password_token(sha256('p'), 'admin@example.com')",
  "app.open_account_token(sha256('p'), 'password')",
  "app.reset_password(sha256('x'), 'hash')",
  'app.profile_of(gen_random_uuid())',
  "app.update_profile(gen_random_uuid(), 'X', 'de')",
  "app.add_email_token(sha256('e'), '00000002-0000-7000-8000-000000000001', 'x@example.com')",
  "app.confirm_email(sha256('x'))",
  "app.audit_account(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'request', 'member.profile_changed', null)",
  'app.purge_account_tokens(1)',
]

/** Callable by members. They take the agency from the claims. */
const forTenants = [
  'app.add_member_token(uuid,bytea,boolean)',
  'app.entry_count()',
  'app.guest_countries()',
  'app.last_event()',
  'app.queue_mail(uuid,text,text,text,jsonb,bytea,timestamp with time zone,boolean)',
  'app.require_actor(integer,uuid)',
  'app.withhold_answers(uuid[])',
]

/** Trigger functions. They run as their owner, to read accounts of other agencies and to write actors. */
const triggers = ['app.keep_actors()', 'app.refuse_foreign_local_account()']

test('only the system role can call cross-tenant functions', async () => {
  for (const call of signInFunctions) {
    assert.equal(await sqlstateOf(runAs(claimsOf('admin'), `select * from ${call}`)), '42501', call)
    await runAs(undefined, `select * from ${call}`, [], 'roost_system')
  }
  const { rows } = await store.owner.query(
    `select p.oid::regprocedure::text as name from pg_proc p where p.prosecdef and p.pronamespace = 'app'::regnamespace`,
  )
  assert.equal(
    rows.length,
    signInFunctions.length + forTenants.length + triggers.length,
    'every SECURITY DEFINER function is listed above',
  )
  for (const name of [...forTenants, ...triggers]) assert.ok(rows.some((row) => row.name === name))
})

test('the tenant role cannot read password hashes and provider subjects', async () => {
  for (const column of ['password_hash', 'auth_subject', '*']) {
    for (const role of [...roles, 'operator']) {
      assert.equal(await sqlstateOf(runAs(claimsOf(role), `select ${column} from users`)), '42501', `${role} ${column}`)
    }
  }
  for (const text of ['update users set full_name = full_name', 'delete from users']) {
    assert.equal(await sqlstateOf(runAs(claimsOf('admin'), text)), '42501')
  }
})

test('a tenant cannot read the job queue', async () => {
  assert.equal(await sqlstateOf(runAs(claimsOf('admin'), 'select 1 from pgboss.job')), '42501')
})

test('of tenant rows the system role reads only expired keys, holds and occupancies', async () => {
  for (const table of [...tenantTables.keys(), 'users']) {
    if (['idempotency_keys', 'occupancies', 'holds', 'event_dead_letters'].includes(table)) continue
    for (const claims of [undefined, claimsOf('admin')]) {
      const state = await sqlstateOf(runAs(claims, `select 1 from ${table}`, [], 'roost_system'))
      assert.equal(state, '42501', table)
    }
  }
  const { rows } = await runAs(undefined, 'select key from idempotency_keys', [], 'roost_system')
  assert.deepEqual(rows, [{ key: 'expired' }, { key: 'expired' }])
  assert.equal((await runAs(undefined, 'delete from idempotency_keys', [], 'roost_system')).count, 2)
  const notes = `update holds set notes = 'x', expires_at = now() - $1::interval`
  for (const [age, count] of [
    ['23 hours', 0],
    ['25 hours', 2],
  ] as const) {
    await store.owner.query(notes, [age])
    assert.equal((await runAs(undefined, 'select id from holds', [], 'roost_system')).rows.length, count, age)
  }
  const { rows: holds } = await store.owner.query(`
    insert into occupancies (agency_id, id, property_id, kind, hold_id, expires_at, during)
    select h.agency_id, gen_random_uuid(), h.property_id, 'hold', h.id, now() - interval '1 minute', daterange(h.check_in, h.check_out)
    from holds h returning id`)
  const seen = await runAs(undefined, 'select id from occupancies', [], 'roost_system')
  assert.deepEqual(seen.rows.map(({ id }) => id).sort(), holds.map(({ id }) => id).sort())
  for (const write of ['delete from occupancies', 'update holds set notes = null']) {
    assert.equal(await sqlstateOf(runAs(undefined, write, [], 'roost_system')), '42501', write)
  }
})

test('a tenant cannot disable row-level security', async () => {
  const off = sql`select set_config('row_security', 'off', true)`
  const work = store.db.tenantTx(staffActor, async (tx) => {
    await tx.query(off)
    return tx.query(sql`select id from properties`)
  })
  await assert.rejects(work, causedBy('42501'))
})

/** A database on a pool of one connection, and a function that reads the settings of that connection. */
function onOneConnection(): { db: Database; readSettings(): Promise<unknown>; close(): Promise<unknown> } {
  const text = `select current_user = session_user as is_login, current_setting('role') as role,
    coalesce(current_setting('request.jwt.claims', true), '') as claims, current_setting('lock_timeout') as lock_timeout,
    current_setting('transaction_read_only') as read_only`
  const { url } = store
  if (url === undefined) return { db: store.db, readSettings: () => readFrom(store.owner), close: async () => {} }
  const pool = openServerPool({ url, size: 1 })
  const db = createDatabase({ pool, breaker: createBreaker({ probe: async () => {} }), prepared: true, log: silent })
  return { db, readSettings: () => readFrom(pool), close: () => db.close() }

  async function readFrom(connection: Pick<TestStore['owner'], 'query'>): Promise<unknown> {
    return (await connection.query(text)).rows[0]
  }
}

test('role and claims do not outlive their transaction on a pooled connection', async (t) => {
  const { db, readSettings, close } = onOneConnection()
  t.after(close)
  const before = await readSettings()
  const clean = { is_login: true, role: 'none', claims: '' }
  const seen = (state: unknown) => {
    const { is_login, role, claims } = state as typeof clean
    return { is_login, role, claims }
  }
  assert.deepEqual(seen(before), clean)
  const inside = sql`select current_user as role, current_setting('request.jwt.claims') as claims`
  const failure = new Error('rolled back')
  const transactions: Record<string, () => Promise<unknown>> = {
    commit: () => db.tenantTx(staffActor, (tx) => tx.one(inside)),
    read: () => db.tenantRead(staffActor, (tx) => tx.one(inside)),
    rollback: () => db.tenantTx(staffActor, () => Promise.reject(failure)),
    'a failed statement': () => db.tenantTx(staffActor, (tx) => tx.query(raw('select 1 / 0'))),
    'a failed commit': () => db.tenantTx(staffActor, (tx) => tx.query(raw('select 1 / 0')).catch(() => {})),
    system: () => db.systemTx((tx) => tx.one(inside)),
  }
  for (const [what, run] of Object.entries(transactions)) {
    const result = await run().catch((error: unknown) => error)
    if (['commit', 'read'].includes(what)) {
      const { role, claims } = result as { role: string; claims: string }
      assert.equal(role, 'roost_tenant')
      assert.deepEqual(JSON.parse(claims), { sub: staffActor.id, agency_id: north, app_role: 'staff' })
    }
    if (what === 'system') assert.deepEqual(result, { role: 'roost_system', claims: '' })
    assert.deepEqual(await readSettings(), before, what)
  }
})

test('requests of different agencies on one connection each see their own rows', async () => {
  const idsOf = async (client: Client) =>
    (await client.get('properties')).body.items.map(({ id }: { id: string }) => id).sort()
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await idsOf(fixture.outsider), [castProperties.beach.id])
    assert.deepEqual(await idsOf(fixture.owner), [castProperties.lake.id])
    assert.deepEqual(await idsOf(fixture.staff), [
      castProperties.lake.id,
      castProperties.forest.id,
      castProperties.town.id,
    ])
  }
})

test('a read transaction refuses writes', async () => {
  const work = store.db.tenantRead(staffActor, (tx) => tx.query(guestOf('Read')))
  await assert.rejects(work, causedBy('25006'))
  const reply = await fixture.anonymous.get('/write')
  assert.ok(reply.status >= 500, String(reply.status))
  assert.equal(await guestsNamed('Read'), 0)
})

test('a transaction with an ignored failed statement answers 500 and saves nothing', async () => {
  const reply = await fixture.anonymous.post('/ignore-error')
  assert.equal(reply.status, 500, reply.text)
  assert.equal(reply.body.error.code, 'INTERNAL_ERROR')
  assert.equal(await guestsNamed('Ignored'), 0)
  const work = store.db.tenantTx(staffActor, async (tx) => {
    await tx.query(guestOf('Ignored'))
    await tx.query(raw('select 1 / 0')).catch(() => {})
  })
  await assert.rejects(work, (error) => error instanceof InternalError && /before COMMIT/.test(String(error.cause)))
  assert.equal(await guestsNamed('Ignored'), 0)
  await store.db.tenantTx(staffActor, (tx) => tx.query(guestOf('Saved')))
  assert.equal(await guestsNamed('Saved'), 1, 'without the failure the row is saved')
})

if (store.url !== undefined) {
  test('the login role of the API has no privileges outside a tenant or system transaction', async (t) => {
    const pool = openServerPool({ url: store.url ?? '', size: 1 })
    // end() resolves before the socket is closed, so dropping the database may still cause an error.
    pool.on('error', () => {})
    t.after(() => pool.end())
    for (const table of [...tenantTables.keys(), 'users']) {
      assert.equal(await sqlstateOf(pool.query(`select 1 from ${table}`)), '42501', table)
    }
    assert.equal(await sqlstateOf(pool.query('create table mine (id int)')), '42501')
    assert.equal(await sqlstateOf(pool.query('set role postgres')), '42501')
    assert.equal(await sqlstateOf(pool.query('set role roost_auth')), '42501')
  })
}
