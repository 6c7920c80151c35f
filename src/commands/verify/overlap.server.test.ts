// roost verify overlap on a server, with concurrent clients: it finds double bookings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { castProperties, north } from '../../../test/cast.ts'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { everythingIn, verify } from '../../../test/verify-fixture.ts'
import type { LedgerCheck } from '../../features/bookings/ledger-check.ts'
import { countDeadlocks } from './overlap/deadlocks.ts'
import type { OverlapReport } from './overlap.ts'

async function withDatabase(work: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openTestStore()
  await work(store).finally(() => store.close())
}

const race = ['overlap', '--clients', '24', '--rounds', '2', '--seed', '5', '--json']

test('24 clients: one success per round, no overlap, no deadlock, all tables unchanged', () =>
  withDatabase(async (store) => {
    const before = await everythingIn(store)
    const { out, code } = await verify(store, race)
    assert.equal(code, 0, out)
    const report = JSON.parse(out) as OverlapReport
    assert.deepEqual(report.phases[0]?.answers, { 201: 2, '409 BOOKING_CONFLICT': 46 })
    assert.equal(report.deadlocks, 0)
    assert.deepEqual(await everythingIn(store), before)
  }))

test('without the constraint it counts the overlaps and exits with 1', () =>
  withDatabase(async (store) => {
    await store.owner.query('alter table occupancies drop constraint occupancies_no_overlap')
    await store.owner.query(`create policy hide_all on occupancies as restrictive for select to roost_tenant
      using (app.app_role() = 'operator')`)
    const before = await everythingIn(store)
    const { out, code } = await verify(store, race)
    assert.equal(code, 1, out)
    const { overlaps, findings, phases } = JSON.parse(out) as OverlapReport
    // In both rounds all 24 clients got the same nights: 23 rows begin before the first one has ended.
    assert.ok(overlaps.nights >= 2 * 23, `${overlaps.nights} overlaps`)
    assert.ok(overlaps.bookings >= 2 * 23, `${overlaps.bookings} overlaps of bookings`)
    assert.equal(phases[0]?.won, 48)
    assert.ok(findings.includes('same nights: round 1 had 24 successful requests instead of one'), findings.join('\n'))
    assert.ok(findings.includes(`${overlaps.nights} overlaps of occupancy rows`), findings.join('\n'))
    assert.deepEqual(await everythingIn(store), before)
  }))

test('--live finds overlaps and disagreements of every agency, and writes nothing', () =>
  withDatabase(async (store) => {
    const clean = await verify(store, ['overlap', '--live', '--json'])
    assert.equal(clean.code, 0, clean.out)
    await store.owner.query('alter table occupancies drop constraint occupancies_no_overlap')
    await store.owner.query(`set session_replication_role = replica;
      insert into occupancies (agency_id, id, property_id, kind, during)
        select p.agency_id, gen_random_uuid(), p.id, 'channel', daterange('2031-01-01', ('2031-01-0' || 3 + n)::date)
        from properties p, generate_series(0, 1) n where p.id in ('${castProperties.lake.id}', '${castProperties.beach.id}');
      insert into bookings (agency_id, id, reference, property_id, check_in, check_out, num_adults, subtotal_cents, total_cents, currency)
        values ('${north}', gen_random_uuid(), 'AAAAA-AAAAA', '${castProperties.lake.id}', '2031-02-01', '2031-02-03', 1, 0, 0, 'EUR');
      reset session_replication_role`)
    const before = await everythingIn(store)
    const { out, code } = await verify(store, ['overlap', '--live', '--json'])
    assert.equal(code, 1, out)
    const { nights, bookings, disagreements, findings } = JSON.parse(out) as LedgerCheck
    assert.deepEqual({ nights, bookings, disagreements }, { nights: 2, bookings: 0, disagreements: 1 })
    assert.equal(findings.length, 2)
    assert.deepEqual(await everythingIn(store), before)
  }))

test('a response other than success and BOOKING_CONFLICT is a finding', () =>
  withDatabase(async (store) => {
    await store.owner.query(`create function refuse_single_nights() returns trigger language plpgsql as $$ begin
      if new.check_in > new.check_out - 2 then raise exception 'no single nights' using errcode = 'XX001'; end if;
      return new; end $$`)
    await store.owner.query(
      'create trigger refuse_single_nights before insert on bookings for each row execute function refuse_single_nights()',
    )
    const { out, code } = await verify(store, race)
    assert.equal(code, 1, out)
    const { findings } = JSON.parse(out) as OverlapReport
    assert.match(findings.join('\n'), /other properties: \d+ unexpected responses: 500 INTERNAL_ERROR/)
  }))

test('a deadlock is counted although the aborted transaction succeeds when retried', () =>
  withDatabase(async ({ db }) => {
    const before = await countDeadlocks(db, 10)
    let held = 0
    const both = Promise.withResolvers<void>()
    const lockBoth = (first: number, second: number) =>
      db.systemTx(async (tx) => {
        await tx.query(sql`select pg_advisory_xact_lock(${first})`)
        held += 1
        if (held === 2) both.resolve()
        await both.promise
        await tx.query(sql`select pg_advisory_xact_lock(${second})`)
      })
    await Promise.all([lockBoth(1, 2), lockBoth(2, 1)])
    assert.equal((await countDeadlocks(db, 10)) - before, 1)
  }))
