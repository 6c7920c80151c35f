// Results of the scorecard: a scenario passes only if it has checks and all of them pass.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { formatTable, runScenarios, summarize } from '../../proof/scorecard/report.ts'
import { atLeast, atMost, type Check, exactly, info, injected, type Scenario } from '../../proof/scorecard/scenario.ts'
import { scenarios } from '../../proof/scorecard/scenarios.ts'
import { root } from '../../src/store.ts'

const scenario = (id: string, run: () => Promise<Check[]>): Scenario => ({
  id,
  title: 'a scenario',
  seconds: { full: 1 },
  run,
})
const silence = () => {}

test('a scenario passes when every check passes, and fails when one does not', async () => {
  const good = scenario('A', async () => [
    injected('kills', 3, 3),
    atMost('wait', 5, 10, ' ms'),
    info('answers', '5 x 200'),
  ])
  const bad = scenario('B', async () => [injected('kills', 3, 3), exactly('lost', 1, 0)])
  const results = await runScenarios([good, bad], 'full', silence)
  assert.deepEqual(
    results.map(({ passes }) => passes),
    [true, false],
  )
  assert.match(summarize(results), /^2 scenarios in \d+ s: 1 failed: B$/)
  assert.match(formatTable(results).join('\n'), /lost +1 += 0 +FAIL/)
})

test('figures with a unit are informational in the quick size; counts are checked in both', async () => {
  const slow = scenario('A', async () => [
    injected('kills', 3, 3),
    atMost('wait', 50, 10, ' ms'),
    atMost('memory', 50, 10, ' MB'),
    atLeast('rate', 1, 10, '/s'),
    atLeast('answered in time', 1, 99, ' %'),
  ])
  const lost = scenario('B', async () => [atMost('lost', 1, 0)])
  const passes = async (size: 'quick' | 'full') =>
    (await runScenarios([slow, lost], size, silence)).map((result) => result.passes)
  assert.deepEqual(await passes('full'), [false, false])
  assert.deepEqual(await passes('quick'), [true, false])
})

test('a fault that was not injected fails the scenario', async () => {
  const [result] = await runScenarios(
    [scenario('A', async () => [injected('kills', 0), exactly('lost', 0, 0)])],
    'full',
    silence,
  )
  assert.equal(result?.passes, false)
})

test('a scenario that throws fails with its error, and the next one still runs', async () => {
  const broken = scenario('A', async () => {
    throw new Error('no server')
  })
  const results = await runScenarios([broken, scenario('B', async () => [exactly('lost', 0, 0)])], 'full', silence)
  assert.deepEqual(
    results.map(({ passes }) => passes),
    [false, true],
  )
  assert.match(formatTable(results).join('\n'), /no server/)
})

test('a scenario without checks fails', async () => {
  const [result] = await runScenarios([scenario('A', async () => [])], 'full', silence)
  assert.equal(result?.passes, false)
})

test('scenario ids are unique', () => {
  const ids = scenarios.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
})

function scorecard(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, ['proof/scorecard/main.ts', ...args], { cwd: root, encoding: 'utf8', env })
}

test('--list prints every scenario', () => {
  const { status, stdout } = scorecard(['--list'])
  assert.equal(status, 0)
  for (const { id, title } of scenarios) assert.ok(stdout.includes(`${id.padEnd(4)} ${title}`), id)
})

test('an unknown scenario and a missing program exit with code 2 and name it', () => {
  const unknown = scorecard(['--only', 'S99'])
  assert.deepEqual([unknown.status, unknown.stderr], [2, 'unknown scenario S99; --list prints them all\n'])
  const bare = scorecard(['--quick'], { ...process.env, PATH: '' })
  assert.equal(bare.status, 2)
  assert.match(bare.stderr, /redis-server: install Redis/)
})
