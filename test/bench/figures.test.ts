// Figures of the benchmark: ratios within rounds, targets, and the output of wrk and pgbench.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { cases, dayAfter, firstIndexOf, placeOf } from '../../proof/bench/cases.ts'
import { small, standard } from '../../proof/bench/data.ts'
import { type Figure, formatNumber, meets, ratiosOf, type Sample, spreadOf } from '../../proof/bench/figures.ts'
import { parseOptions } from '../../proof/bench/options.ts'
import { outcomeOf, transactionsIn } from '../../proof/bench/pgbench/run.ts'
import { figuresOf } from '../../proof/bench/targets.ts'
import { outcomeIn } from '../../proof/bench/wrk.ts'
import { root } from '../../src/store.ts'

const sample = (per_second: number, p99_ms = 1): Sample => ({
  ...{ answers: 1, refused: 0, p50_ms: 1, own_cpu_ms: 1, postgres_cpu_ms: 1 },
  per_second,
  p99_ms,
})

test('the median ratio is the median of the ratios within rounds', () => {
  const ours = [sample(100), sample(10), sample(90)]
  const theirs = [sample(50), sample(2), sample(30)]
  assert.deepEqual(
    ratiosOf(ours, theirs, ({ per_second }) => per_second),
    { min: 2, median: 3, max: 5 },
  )
  assert.equal(
    ratiosOf(ours, [], ({ per_second }) => per_second),
    undefined,
  )
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { min: 1, median: 2, max: 4 })
})

test('a target is met at its limit, and missed beyond it or without a figure', () => {
  const figure = (value: number, target: Figure['target']) =>
    meets({ name: 'x', unit: '', value, ...(target && { target }) })
  assert.deepEqual([figure(5, { at_least: 5 }), figure(4.99, { at_least: 5 })], [true, false])
  assert.deepEqual([figure(0.5, { at_most: 0.5 }), figure(0.51, { at_most: 0.5 })], [true, false])
  assert.deepEqual([figure(Number.NaN, { at_most: 1 }), figure(Number.NaN, { at_least: 1 })], [false, false])
  const saved = JSON.parse(JSON.stringify({ value: Number.NaN })).value
  assert.equal(figure(saved, { at_least: 0 }), false, 'null in the saved JSON')
  assert.equal(figure(Number.NaN, undefined), true)
})

test('the targets of a case require the system that they compare with', () => {
  const list = cases.find(({ id }) => id === 'list')!
  const roost = [sample(500, 2)]
  const names = (samples: object) =>
    figuresOf([{ case: list, samples: { roost, ...samples } as never }]).map(({ name }) => name)
  assert.deepEqual(names({}), [])
  assert.deepEqual(names({ comparison: [sample(100, 4)] }), [
    'list: rate relative to the comparison',
    'list: p99 relative to the comparison',
  ])
  assert.deepEqual(names({ pgbench: [sample(1000)] }), ['list: rate relative to pgbench'])
})

test('the result line of wrk is parsed; a missing line is an error', () => {
  const line = 'result {"seconds":2.0,"answers":10,"refused":1,"broken":0,"p50_ms":1.5,"p99_ms":9.0,"max_ms":11.0}'
  assert.equal(outcomeIn(`Running 2s test\n  1 threads\n${line}\n`).p99_ms, 9)
  assert.throws(() => outcomeIn('unable to connect'), /wrk printed no result/)
})

test('figures of pgbench exclude the first second; a failed transaction is an error', () => {
  const log = '0 1 90000 0 100 500000\n1 1 8000 0 101 700000\n0 2 4000 0 102 0\n1 2 2000 0 102 500000\n'
  const output = (failed: number) =>
    `number of transactions actually processed: 4\nnumber of failed transactions: ${failed} (0.000%)\n`
  const outcome = outcomeOf(output(0), transactionsIn(log))
  assert.deepEqual(outcome, { transactions: 4, per_second: 3, p50_ms: 4, p99_ms: 8 })
  assert.throws(() => outcomeOf(output(1), []), /pgbench failed/)
  assert.throws(() => outcomeOf('connection refused', []), /pgbench failed/)
})

test('no two requests use the same night of a property, for any volume', () => {
  for (const volume of [small, standard, { agencies: 3, properties: 2, bookings: 5 }]) {
    const places = Array.from({ length: 20_000 }, (_, i) => placeOf(volume, firstIndexOf(volume) + i))
    const nights = places.map(({ agency, property, night }) => `${agency}/${property}/${night}`)
    assert.equal(new Set(nights).size, nights.length)
    assert.ok(
      places.every(
        ({ agency, property, stay }) =>
          agency <= volume.agencies && property <= volume.properties && stay <= volume.bookings && stay > 0,
      ),
    )
  }
})

test('days are added across months and leap years', () => {
  assert.deepEqual(
    [dayAfter('2040-02-28', 1), dayAfter('2040-02-28', 2), dayAfter('2026-12-31', 1)],
    ['2040-02-29', '2040-03-01', '2027-01-01'],
  )
})

test('figures are formatted with three significant digits', () => {
  assert.deepEqual([12_345.6, 99.94, 1.234, Number.NaN].map(formatNumber), ['12,346', '99.9', '1.23', '-'])
})

test('valid command lines are parsed, invalid ones rejected', () => {
  assert.deepEqual(
    parseOptions(['--only', 'list,memory'], {}).scenarios.map(({ id }) => id),
    ['memory'],
  )
  assert.equal(parseOptions([], { BENCH_PEER: '/somewhere' }).baseline_dir, '/somewhere')
  assert.throws(() => parseOptions(['--only', 'lists'], {}), /unknown case or scenario lists/)
  assert.throws(() => parseOptions(['--rounds', '0'], {}), /whole number/)
})

test('--list prints every case; an unknown case exits with code 2', () => {
  const bench = (...args: string[]) =>
    spawnSync(process.execPath, ['proof/bench/main.ts', ...args], { cwd: root, encoding: 'utf8' })
  const { status, stdout } = bench('--list')
  assert.equal(status, 0)
  for (const { id, title } of cases) assert.ok(stdout.includes(`${id.padEnd(12)} ${title}`), id)
  assert.equal(bench('--only', 'nothing').status, 2)
})
