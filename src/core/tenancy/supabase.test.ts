// On a database with Supabase's roles and default privileges: the migrations leave nothing that the audit would find.
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

/** As the platform's own set-up does: https://supabase.com/docs/guides/database/postgres/roles and "Hardening the Data API". */
const platform = `
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges in schema public grant all on sequences to anon, authenticated, service_role`

test('the roles of the platform are left without rights on our tables, those made later included', async () => {
  await pool.query(platform)
  await migrateUp({ db, is_embedded: true, probe, connectOwner, close })
  const audit = () => db.systemRead((tx) => auditTenancy(tx, { is_embedded: true }))
  assert.deepEqual((await audit()).findings, [])
  await pool.query('create table later (agency_id uuid not null, id uuid not null, primary key (agency_id, id))')
  const strangers = (await audit()).findings.filter(({ rule }) => rule === 'O04' || rule === 'O06')
  assert.deepEqual(strangers, [])
})
