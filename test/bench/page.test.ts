// The generated performance page: tables of the saved figures, and charts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ceilingOf, svgOf } from '../../proof/bench/curves/svg.ts'
import { pageOf, type SavedCurves, type SavedRounds } from '../../proof/bench/page.ts'

const one = (value: number) => ({ min: value, median: value, max: value })
const saved = {
  started_at: '2030-01-02T03:04:05.000Z',
  machine: { processor: 'a processor', cores: 2, memory_gib: 4, node: '24.1.0', postgres: '15.1', wrk: '4.1' },
  rounds: 3,
  seconds: 4,
}
const rounds: SavedRounds = {
  ...saved,
  rows: [
    {
      ...{ id: 'list', title: 'list 20 bookings', system: 'pgbench' },
      ...{
        per_second: one(4321),
        p50_ms: one(1),
        p99_ms: one(2),
        own_cpu_ms: one(Number.NaN),
        postgres_cpu_ms: one(0.5),
      },
      ratio: { min: 0.4, median: 0.5, max: 0.6 },
    },
  ],
  figures: [
    { name: 'list: rate relative to pgbench', value: 0.5, unit: 'x', target: { at_least: 0.4 } },
    { name: 'memory: maximum resident memory', value: 300, unit: 'MB', target: { at_most: 200 } },
    { name: 'storage: bookings, row', value: 250, unit: 'bytes' },
  ],
}
const measured = (rate: number) => ({ per_second: one(rate), p99_ms: one(10), refused_share: 0.25 })
const curves: SavedCurves = {
  ...saved,
  curves: [
    {
      ...{ id: 'bookings', title: 'Bookings', axis: 'bookings in 50 agencies' },
      points: [10_000, 5_000_000].map((at) => ({ at, measured: { list: measured(900), get: measured(1000) } })),
    },
  ],
}

test('without saved figures the page only explains how to measure them', () => {
  const files = pageOf(undefined, undefined, '## Notes\n')
  assert.deepEqual(Object.keys(files), ['docs/performance.md'])
  assert.match(files['docs/performance.md']!, /npm run bench[\s\S]+## Notes\n$/)
  assert.doesNotMatch(files['docs/performance.md']!, /\|/)
})

test('the page shows every saved figure with machine, spread and target', () => {
  const page = pageOf(rounds, undefined, '')['docs/performance.md']!
  assert.match(page, /2030-01-02, on 2 cores \(a processor\), 4 GiB; Node 24\.1\.0, PostgreSQL 15\.1/)
  assert.match(page, /\| pgbench \| 4,321 \| 1\.00 \| 2\.00 \| - \| 0\.50 \| 0\.40 \/ 0\.50 \/ 0\.60 \|/)
  assert.match(page, /\| list: rate relative to pgbench \| 0\.50 x \| >= 0\.4 x \| met \|/)
  assert.match(page, /\| memory: maximum resident memory \| 300 MB \| <= 200 MB \| \*\*missed\*\* \|/)
  assert.match(page, /\| bookings, row \| 250 \|/)
})

test('a curve is a table with refusals and a chart; a missing case stays empty', () => {
  const files = pageOf(undefined, curves, '')
  assert.match(files['docs/performance.md']!, /!\[[^\]]+\]\(performance\/bookings\.svg\)/)
  assert.match(files['docs/performance.md']!, /\| 5,000,000 \| 900 \(900-900\), 25\.0 % refused \|/)
  assert.match(files['docs/performance.md']!, /\| {2}\| {2}\|$/m)
  assert.match(files['docs/performance/bookings.svg']!, />10k<[\s\S]+>5M</)
})

test('a plot scales its values to a rounded axis and escapes its text', () => {
  const svg = svgOf([{ title: 'a < b & c', axis: 'x', labels: ['1', '2'], lines: [{ name: 'one', values: [0, 80] }] }])
  const [[, zero], [, full]] = [...svg.matchAll(/<circle [^>]*cy="([\d.]+)"/g)] as unknown as [
    [string, string],
    [string, string],
  ]
  const grid = [...svg.matchAll(/class="grid" [^>]*y1="([\d.]+)"/g)].map(([, y]) => y)
  assert.deepEqual([zero, full], [grid[0], grid.at(-1)])
  assert.ok(svg.includes('a &lt; b &amp; c') && svg.includes('prefers-color-scheme: dark'))
  assert.deepEqual([0.3, 7, 80, 81, 1200].map(ceilingOf), [0.4, 8, 80, 100, 2000])
})

test('gaps in a line are left out, and labels do not overlap', () => {
  const lines = [
    { name: 'one', values: [5, Number.NaN, 7] },
    { name: 'two', values: [5, 6, 7] },
  ]
  const svg = svgOf([{ title: 't', axis: 'x', labels: ['1', '2', '3'], lines }])
  assert.doesNotMatch(svg, /NaN/)
  const ends = [...svg.matchAll(/y="([\d.]+)" class="name/g)].map(([, y]) => Number(y))
  assert.ok(Math.abs(ends[0]! - ends[1]!) >= 13)
})
