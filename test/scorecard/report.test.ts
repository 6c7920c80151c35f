// What the scorecard makes of its measures: a line passes only when it has counted something and all of it is right.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { runAll, summaryOf, table } from '../../proof/scorecard/report.ts'
import { atLeast, atMost, type Check, exactly, fired, type Measure, told } from '../../proof/scorecard/scenario.ts'
import { measures } from '../../proof/scorecard/scenarios.ts'
import { root } from '../../src/store.ts'

const measure = (id: string, run: () => Promise<Check[]>): Measure => ({
  id,
  title: 'a measure',
  seconds: { full: 1 },
  run,
})
const silence = () => {}

test('a line passes when every check passes, and fails with one that does not', async () => {
  const good = measure('A', async () => [fired('kills', 3, 3), atMost('wait', 5, 10, ' ms'), told('seen', '5 x 200')])
  const bad = measure('B', async () => [fired('kills', 3, 3), exactly('lost', 1, 0)])
  const lines = await runAll([good, bad], 'full', silence)
  assert.deepEqual(
    lines.map(({ passes }) => passes),
    [true, false],
  )
  assert.match(summaryOf(lines), /^2 lines in \d+ s: 1 failed: B$/)
  assert.match(table(lines).join('\n'), /lost +1 += 0 +FAIL/)
})

test('what has a unit decides in full size, and is only told in the subset for CI; counts decide in both', async () => {
  const slow = measure('A', async () => [
    fired('kills', 3, 3),
    atMost('wait', 50, 10, ' ms'),
    atMost('memory', 50, 10, ' MB'),
    atLeast('rate', 1, 10, '/s'),
    atLeast('answered in time', 1, 99, ' %'),
  ])
  const lost = measure('B', async () => [atMost('lost', 1, 0)])
  const passes = async (size: 'quick' | 'full') =>
    (await runAll([slow, lost], size, silence)).map((line) => line.passes)
  assert.deepEqual(await passes('full'), [false, false])
  assert.deepEqual(await passes('quick'), [true, false])
})

test('a fault that did not fire fails its line', async () => {
  const [line] = await runAll([measure('A', async () => [fired('kills', 0), exactly('lost', 0, 0)])], 'full', silence)
  assert.equal(line?.passes, false)
})

test('a measure that throws is a failed line that says why, and the next one still runs', async () => {
  const broken = measure('A', async () => {
    throw new Error('no server')
  })
  const lines = await runAll([broken, measure('B', async () => [exactly('lost', 0, 0)])], 'full', silence)
  assert.deepEqual(
    lines.map(({ passes }) => passes),
    [false, true],
  )
  assert.match(table(lines).join('\n'), /no server/)
})

test('a measure that counted nothing is a failed line', async () => {
  const [line] = await runAll([measure('A', async () => [])], 'full', silence)
  assert.equal(line?.passes, false)
})

test('every line has an id of its own', () => {
  const ids = measures.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
})

function scorecard(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, ['proof/scorecard/main.ts', ...args], { cwd: root, encoding: 'utf8', env })
}

test('--list names every line', () => {
  const { status, stdout } = scorecard(['--list'])
  assert.equal(status, 0)
  for (const { id, title } of measures) assert.ok(stdout.includes(`${id.padEnd(4)} ${title}`), id)
})

test('a line that does not exist, and a program that is not there, end with 2 and say which', () => {
  const unknown = scorecard(['--only', 'S99'])
  assert.deepEqual([unknown.status, unknown.stderr], [2, 'there is no line S99; --list shows what there is\n'])
  const bare = scorecard(['--quick'], { ...process.env, PATH: '' })
  assert.equal(bare.status, 2)
  assert.match(bare.stderr, /redis-server: install Redis/)
})
