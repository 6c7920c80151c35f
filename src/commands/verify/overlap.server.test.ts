// Proves on a server, where clients really race, that roost verify overlap finds nights that are taken twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { everythingIn, verify } from '../../../test/verify-fixture.ts'
import { countDeadlocks } from './overlap/aftermath.ts'
import type { OverlapReport } from './overlap.ts'

async function withDatabase(work: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openTestStore()
  await work(store).finally(() => store.close())
}

const race = ['overlap', '--clients', '24', '--rounds', '2', '--seed', '5', '--json']

test('24 clients at once: one winner per round, no overlap, no deadlock; every table as before', () =>
  withDatabase(async (store) => {
    const before = await everythingIn(store)
    const { out, code } = await verify(store, race)
    assert.equal(code, 0, out)
    const report = JSON.parse(out) as OverlapReport
    assert.deepEqual(report.phases[0]?.answers, { 201: 2, '409 BOOKING_CONFLICT': 46 })
    assert.equal(report.deadlocks, 0)
    assert.deepEqual(await everythingIn(store), before)
  }))

test('without the constraint, and with members who cannot see what is taken, it counts the overlaps: exit code 1', () =>
  withDatabase(async (store) => {
    await store.owner.query('alter table occupancies drop constraint occupancies_no_overlap')
    await store.owner.query(`create policy blind on occupancies as restrictive for select to authenticated
      using (app.app_role() = 'operator')`)
    const before = await everythingIn(store)
    const { out, code } = await verify(store, race)
    assert.equal(code, 1, out)
    const { overlaps, findings, phases } = JSON.parse(out) as OverlapReport
    // Each of the 24 clients got the same nights in both rounds: so many pairs there alone.
    assert.ok(overlaps.nights >= 24 * 23, `${overlaps.nights} overlaps`)
    assert.ok(overlaps.bookings > 0)
    assert.equal(phases[0]?.won, 48)
    assert.ok(findings.includes('same nights: round 1 had 24 winners instead of one'), findings.join('\n'))
    assert.ok(findings.includes(`${overlaps.nights} overlaps of nights in the ledger`), findings.join('\n'))
    assert.deepEqual(await everythingIn(store), before)
  }))

test('an answer that is neither a success nor BOOKING_CONFLICT is a finding', () =>
  withDatabase(async (store) => {
    await store.owner.query(`create function break_one() returns trigger language plpgsql as $$ begin
      if new.check_in > new.check_out - 2 then raise exception 'no single nights' using errcode = 'XX001'; end if;
      return new; end $$`)
    await store.owner.query(
      'create trigger break_one before insert on bookings for each row execute function break_one()',
    )
    const { out, code } = await verify(store, race)
    assert.equal(code, 1, out)
    const { findings } = JSON.parse(out) as OverlapReport
    assert.match(findings.join('\n'), /other homes meanwhile: \d+ unexpected answers: 500 INTERNAL_ERROR/)
  }))

test('a deadlock that the server breaks is counted, though the transaction that lost it succeeds at its second try', () =>
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
