// The tenancy audit on a database with the roles and default privileges of Supabase.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { migrateUp } from '../../store.ts'
import { createBreaker } from '../postgres/breaker.ts'
import { createDatabase } from '../postgres/database.ts'
import { openEmbedded } from '../postgres/embedded.ts'
import { auditTenancy } from './audit.ts'

const { pool, close } = await openEmbedded()
after(close)
const probe = () => pool.query('select 1')
const db = createDatabase({ pool, breaker: createBreaker({ probe }), prepared: true })
const connectOwner = async () => {
  const client = await pool.connect()
  return {
    query: (text: string, values?: unknown[]) => client.query(text, values),
    release: (is_broken?: boolean) => client.release(is_broken),
  }
}

/** See https://supabase.com/docs/guides/database/postgres/roles and "Hardening the Data API". */
const platform = `
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges in schema public grant all on sequences to anon, authenticated, service_role`

test('the roles of Supabase have no privileges on our tables, including later ones', async () => {
  await pool.query(platform)
  await migrateUp({ db, is_embedded: true, probe, connectOwner, close })
  const audit = () => db.systemRead((tx) => auditTenancy(tx, { is_embedded: true }))
  assert.deepEqual((await audit()).findings, [])
  await pool.query('create table later (agency_id uuid not null, id uuid not null, primary key (agency_id, id))')
  const other_grants = (await audit()).findings.filter(({ rule }) => rule === 'O04' || rule === 'O06')
  assert.deepEqual(other_grants, [])
})

test('roles of the platform can neither read nor write our tables, whatever claims they set', async () => {
  const client = await pool.connect()
  const claims = { sub: crypto.randomUUID(), agency_id: crypto.randomUUID(), app_role: 'operator' }
  const attempts = [
    'select from bookings',
    "update bookings set status = 'confirmed'",
    'delete from occupancies',
    'select app.agency_id()',
  ]
  try {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      for (const attempt of attempts) {
        await client.query('begin')
        await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
          role,
          JSON.stringify(claims),
        ])
        await assert.rejects(client.query(attempt), { code: '42501' }, `${role}: ${attempt}`)
        await client.query('rollback')
      }
    }
  } finally {
    client.release()
  }
})
