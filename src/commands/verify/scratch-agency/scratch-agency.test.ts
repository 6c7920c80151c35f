// Proves that a scratch agency leaves nothing behind: no row, no right, however its run ended; and that nobody sees it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { players, south } from '../../../../test/cast.ts'
import { cast } from '../../../../test/harness.ts'
import { must, newHome, stay } from '../../../../test/steps.ts'
import { contextOn, deployment, everythingIn } from '../../../../test/verify-fixture.ts'
import { parseConfig } from '../../../config.ts'
import { CommandError } from '../../context.ts'
import { makeScratch, personOf, type Scratch } from './making.ts'
import { newRun, scratch_name, slugOf } from './marks.ts'
import { removeLeftOvers, withScratch } from './scratch-agency.ts'
import { inOrder, readTables } from './tables.ts'

const stage = await cast()
const { store } = stage
const said = { out: [] as string[], err: [] as string[], code: 0 }
const context = contextOn(store, said, parseConfig(deployment))
const plan = [{ admin: 'admin', bothAgencies: 'staff' }, { bothAgencies: 'manager' }] as const

/** A row in every table that the API, the worker and the operator can fill for an agency. */
async function fillTables(scratch: Scratch): Promise<void> {
  const { user_id } = personOf(scratch, 'admin')
  const [agency_id] = scratch.agencies.map(({ id }) => id)
  const admin = stage.bearing((await stage.tokens.issue({ user_id })).token)
  const home = await newHome(admin)
  const guest = { first_name: 'A', last_name: 'B', email: 'guest@example.com' }
  must(201, await admin.post('bookings', stay(home, '2031-01-01', 3, { guest }), { 'idempotency-key': 'one' }))
  must(201, await admin.post('holds', { property_id: home, check_in: '2031-02-01', check_out: '2031-02-04' }))
  const block = { property_id: home, start_date: '2031-03-01', end_date: '2031-03-04', reason: 'maintenance' }
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

test('after a run every table has the rows, the checksums and the privileges it had before', async () => {
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
    assert.ok(Number(jobs?.n) > 0, 'jobs wait')
    return scratch.agencies.map(({ slug }) => slug)
  })
  assert.match(slugs.join(' '), /^verify-([0-9a-f]{12})-1 verify-\1-2$/)
  assert.ok(filled.length >= 12, `only ${filled.join(', ')} had rows`)
  assert.deepEqual(await everythingIn(store), before)
})

test('nothing is left when the work fails, nor when it is interrupted; an interruption says so', async () => {
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
    // Not process.emit: whoever else listens in this process is not meant.
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

test('what a killed run has left is removed at the next start, people without an agency included', async () => {
  const before = await everythingIn(store)
  await fillTables(await makeScratch(store.db, newRun(), plan))
  await rowsOf(
    `insert into users (id, email, full_name, email_proven_at, email_proven_by)
     values (gen_random_uuid(), 'admin@verify-0123456789ab.invalid', 'x', now(), 'operator')`,
  )
  said.err.length = 0
  assert.equal(await removeLeftOvers(context, store), 2)
  assert.match(said.err.join('\n'), /earlier run had left: verify-[0-9a-f]{12}, \d+ rows/)
  assert.deepEqual(await everythingIn(store), before)
  assert.equal(await removeLeftOvers(context, store), 0)
})

test('an agency that only looks like one of verify is left alone, and so is one with a member of its own', async () => {
  const [run] = [newRun()]
  const add = 'insert into agencies (id, name, slug) values (gen_random_uuid(), $1, $2) returning id'
  const [customer] = await rowsOf(add, ['Verify Homes', slugOf(run, 1)])
  assert.equal(await removeLeftOvers(context, store), 0)
  const [joined] = await rowsOf(add, [scratch_name, slugOf(newRun(), 1)])
  await rowsOf(`insert into team_members (agency_id, id, user_id, role) values ($1, gen_random_uuid(), $2, 'admin')`, [
    joined?.id,
    players.outsider.user_id,
  ])
  await assert.rejects(removeLeftOvers(context, store), /members that verify did not make: nothing was removed/)
  assert.equal((await rowsOf('select from agencies where id = any ($1)', [[customer?.id, joined?.id]])).length, 2)
  await rowsOf('delete from team_members where agency_id = $1', [joined?.id])
  await rowsOf('delete from agencies where id = any ($1)', [[customer?.id, joined?.id]])
})

test('while it is there nobody of another agency sees it', async () => {
  await withScratch(context, store, plan, async (scratch) => {
    await fillTables(scratch)
    const [agency_id = ''] = scratch.agencies.map(({ id }) => id)
    const asked = await stage.outsider.get('properties', { 'x-agency-id': agency_id })
    assert.equal(asked.status, 403)
    const seen = await store.db.tenantRead(
      { agency_id: south, role: 'admin', user_id: players.outsider.user_id },
      (tx) =>
        tx.query(sql`
          select 1 from properties where agency_id = ${agency_id} union all
          select 1 from bookings where agency_id = ${agency_id} union all
          select 1 from agencies where id = ${agency_id}`),
    )
    assert.deepEqual(seen, [])
  })
})

test('tables are emptied before those they refer to, whatever circle they form', () => {
  const keys = [
    { from: 'holds', to: 'bookings' },
    { from: 'bookings', to: 'properties' },
    { from: 'ring', to: 'wheel' },
    { from: 'wheel', to: 'ring' },
    { from: 'properties', to: 'elsewhere' },
  ]
  const ordered = inOrder(['bookings', 'holds', 'properties'], keys)
  assert.deepEqual(ordered, ['holds', 'bookings', 'properties'])
  assert.deepEqual(inOrder(['wheel', 'ring'], keys), ['wheel', 'ring'])
})
