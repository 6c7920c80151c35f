// A scratch agency is removed completely, however its run ends, and is invisible to others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { players, south } from '../../../../test/cast.ts'
import { cast } from '../../../../test/harness.ts'
import { must, newProperty, stay } from '../../../../test/steps.ts'
import { contextOn, deployment, everythingIn } from '../../../../test/verify-fixture.ts'
import { parseConfig } from '../../../config.ts'
import { CommandError } from '../../context.ts'
import { createScratch, findMember, type Scratch } from './creation.ts'
import { createSlug, newRunId, scratch_name } from './naming.ts'
import { removeLeftovers, withScratch } from './scratch-agency.ts'
import { readTables, sortForDeletion } from './tables.ts'

const fixture = await cast()
const { store } = fixture
const output = { out: [] as string[], err: [] as string[], code: 0 }
const context = contextOn(store, output, parseConfig(deployment))
const plan = [{ admin: 'admin', bothAgencies: 'staff' }, { bothAgencies: 'manager' }] as const

await store.owner.query(`select pgboss.create_queue('test', '{"policy": "standard"}')`)

/** Inserts a row into every table that the API, the worker and the operator can fill for an agency. */
async function fillTables(scratch: Scratch): Promise<void> {
  const { user_id } = findMember(scratch, 'admin')
  const [agency_id] = scratch.agencies.map(({ id }) => id)
  const admin = fixture.bearing((await fixture.tokens.issue({ user_id })).token)
  const property_id = await newProperty(admin)
  const guest = { first_name: 'A', last_name: 'B', email: 'guest@example.com' }
  must(201, await admin.post('bookings', stay(property_id, '2031-01-01', 3, { guest }), { 'idempotency-key': 'one' }))
  must(201, await admin.post('holds', { property_id, check_in: '2031-02-01', check_out: '2031-02-04' }))
  const block = { property_id, start_date: '2031-03-01', end_date: '2031-03-04', reason: 'maintenance' }
  must(201, await admin.post('availability/blocks', block))
  must(201, await admin.post('team', { email: 'new@example.com', role: 'staff' }))
  await store.owner.query(
    `insert into agency_features (agency_id, id, feature_name) values ($1, gen_random_uuid(), 'owner_portal')`,
    [agency_id],
  )
  await store.owner.query(
    `with s as (insert into sessions (id, user_id, expires_at) values (gen_random_uuid(), $1, now() + '1 day') returning id)
     insert into refresh_tokens (session_id, token_hash) select id, sha256('x') from s`,
    [user_id],
  )
  await store.owner.query(
    "insert into pgboss.job (name, data) values ('test', jsonb_build_object('agency_id', $1::text))",
    [agency_id],
  )
  const entries = await store.owner.query('select a.* from audit_log a where a.agency_id = $1', [agency_id])
  for (const [seq, { id }] of entries.rows.entries()) {
    await store.owner.query(`insert into audit_seals values ($1, $2, $3, sha256('r'), sha256('c'), now())`, [
      agency_id,
      seq + 1,
      id,
    ])
  }
}

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

test('after a run all tables have the same rows, checksums and privileges as before', async () => {
  const before = await everythingIn(store)
  const filled: string[] = []
  const slugs = await withScratch(context, store, plan, async (scratch) => {
    await fillTables(scratch)
    const connection = await store.connectOwner()
    const tables = await readTables(connection).finally(() => connection.release())
    for (const table of tables.of_agency) {
      const [found] = await rowsOf(`select count(*)::int as n from ${table} where agency_id = $1`, [
        scratch.agencies[0]?.id,
      ])
      if (Number(found?.n) > 0) filled.push(table)
    }
    const [jobs] = await rowsOf(`select count(*)::int as n from pgboss.job where data ->> 'agency_id' = $1`, [
      scratch.agencies[0]?.id,
    ])
    assert.ok(Number(jobs?.n) > 0, 'jobs are queued')
    return scratch.agencies.map(({ slug }) => slug)
  })
  assert.match(slugs.join(' '), /^verify-([0-9a-f]{12})-1 verify-\1-2$/)
  assert.ok(filled.length >= 12, `only ${filled.join(', ')} had rows`)
  assert.deepEqual(await everythingIn(store), before)
})

test('nothing remains after a failure or an interruption', async () => {
  const before = await everythingIn(store)
  const failing = withScratch(context, store, plan, async (scratch) => {
    await fillTables(scratch)
    throw new Error('the work failed')
  })
  await assert.rejects(failing, /the work failed/)
  assert.deepEqual(await everythingIn(store), before)
  const listeners = process.listenerCount('SIGINT')
  const interrupted = withScratch(context, store, plan, async (scratch, signal) => {
    await fillTables(scratch)
    // Not process.emit, which would call the other listeners of this process too.
    process.listeners('SIGINT').at(-1)?.('SIGINT')
    signal.throwIfAborted()
  })
  await assert.rejects(
    interrupted,
    (error: Error) => error instanceof CommandError && /interrupted/.test(error.message),
  )
  assert.equal(process.listenerCount('SIGINT'), listeners)
  assert.deepEqual(await everythingIn(store), before)
})

test('rows of a killed run are removed at the next start, users without an agency included', async () => {
  const before = await everythingIn(store)
  await fillTables(await createScratch(store.db, newRunId(), plan))
  await rowsOf(
    `insert into users (id, email, full_name, email_proven_at, email_proven_by)
     values (gen_random_uuid(), 'admin@verify-0123456789ab.invalid', 'x', now(), 'operator')`,
  )
  output.err.length = 0
  assert.equal(await removeLeftovers(context, store), 2)
  assert.match(output.err.join('\n'), /leftovers of an earlier run: verify-[0-9a-f]{12}, \d+ rows/)
  assert.deepEqual(await everythingIn(store), before)
  assert.equal(await removeLeftovers(context, store), 0)
})

test('a customer agency with a verify slug is kept, and so is one with other members', async () => {
  const [run] = [newRunId()]
  const add = 'insert into agencies (id, name, slug) values (gen_random_uuid(), $1, $2) returning id'
  const [customer] = await rowsOf(add, ['Verify Lodges', createSlug(run, 1)])
  assert.equal(await removeLeftovers(context, store), 0)
  const [joined] = await rowsOf(add, [scratch_name, createSlug(newRunId(), 1)])
  await rowsOf(`insert into team_members (agency_id, id, user_id, role) values ($1, gen_random_uuid(), $2, 'admin')`, [
    joined?.id,
    players.outsider.user_id,
  ])
  await assert.rejects(removeLeftovers(context, store), /members that verify did not create: nothing was removed/)
  assert.equal((await rowsOf('select from agencies where id = any ($1)', [[customer?.id, joined?.id]])).length, 2)
  await rowsOf('delete from team_members where agency_id = $1', [joined?.id])
  await rowsOf('delete from actors where agency_id = any ($1)', [[customer?.id, joined?.id]])
  await rowsOf('delete from agencies where id = any ($1)', [[customer?.id, joined?.id]])
})

test('a scratch agency is not visible to other agencies', async () => {
  await withScratch(context, store, plan, async (scratch) => {
    await fillTables(scratch)
    const [agency_id = ''] = scratch.agencies.map(({ id }) => id)
    const asked = await fixture.outsider.get('properties', { 'x-agency-id': agency_id })
    assert.equal(asked.status, 403)
    const seen = await store.db.tenantRead(
      { agency_id: south, role: 'admin', id: players.outsider.user_id, kind: 'person' },
      (tx) =>
        tx.query(sql`
          select 1 from properties where agency_id = ${agency_id} union all
          select 1 from bookings where agency_id = ${agency_id} union all
          select 1 from agencies where id = ${agency_id}`),
    )
    assert.deepEqual(seen, [])
  })
})

test('referencing tables are emptied before referenced ones, also in cycles', () => {
  const keys = [
    { from: 'holds', to: 'bookings' },
    { from: 'bookings', to: 'properties' },
    { from: 'ring', to: 'wheel' },
    { from: 'wheel', to: 'ring' },
    { from: 'properties', to: 'elsewhere' },
  ]
  const ordered = sortForDeletion(['bookings', 'holds', 'properties'], keys)
  assert.deepEqual(ordered, ['holds', 'bookings', 'properties'])
  assert.deepEqual(sortForDeletion(['wheel', 'ring'], keys), ['wheel', 'ring'])
})
