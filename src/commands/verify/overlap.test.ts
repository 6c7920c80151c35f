// roost verify overlap: output, exit codes and cleanup.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { everythingIn, verify } from '../../../test/verify-fixture.ts'
import type { OverlapReport } from './overlap.ts'

const store = await openTestStore()
after(() => store.close())

test('one success per round, no overlap, exit code 0, all tables unchanged', async () => {
  const before = await everythingIn(store)
  const { out, code } = await verify(store, ['overlap', '--clients', '6', '--rounds', '2', '--seed', '1', '--json'])
  assert.equal(code, 0, out)
  const report = JSON.parse(out) as OverlapReport
  const [same, others, partial, kinds] = report.phases
  assert.deepEqual(same?.answers, { 201: 2, '409 BOOKING_CONFLICT': 10 })
  assert.deepEqual(Object.keys(others?.answers ?? {}), ['201'])
  assert.equal(partial?.requests, 24)
  assert.deepEqual([kinds?.won, kinds?.requests], [2, 12])
  assert.deepEqual(report.overlaps, { nights: 0, bookings: 0, disagreements: 0 })
  assert.equal(report.deadlocks, store.is_embedded ? null : 0)
  assert.deepEqual([report.seed, report.findings], [1, []])
  assert.deepEqual(await everythingIn(store), before)
})

test('the text has successes, conflicts, latencies and overlaps, and names the engine', async () => {
  const { out, code } = await verify(store, ['overlap', '--clients', '3', '--rounds', '1'])
  assert.equal(code, 0, out)
  assert.match(out, /^3 clients, 1 rounds, seed \d+$/m)
  assert.match(out, /same nights +3 +1 +\d+ +\d+ {2}1 x 201, 2 x 409 BOOKING_CONFLICT/)
  assert.match(out, /^overlaps: 0 of nights, 0 of bookings; 0 disagreements$/m)
  assert.equal(/the races run one after the other/.test(out), store.is_embedded)
})

test('--clean only removes leftovers, --help has an example, an invalid number exits with 2', async () => {
  assert.deepEqual(await verify(store, ['overlap', '--clean']), { out: 'Nothing to remove.', err: '', code: 0 })
  const help = await verify(store, ['overlap', '--help'])
  assert.equal(help.code, 0)
  assert.match(help.out, /\$ roost verify overlap --clients 200/)
  for (const wrong of [
    ['--clients', '1'],
    ['--clients', 'many'],
    ['--rounds', '0'],
    ['--seed', '-1'],
  ]) {
    const { code, err } = await verify(store, ['overlap', ...wrong])
    assert.equal(code, 2, wrong.join(' '))
    assert.match(err, /must be a whole number/)
  }
})
