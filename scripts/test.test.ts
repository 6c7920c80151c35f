// npm test: its options, and what it says and returns without Chromium.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

const runner = join(import.meta.dirname, 'test.ts')
const file = join('test', 'browser', 'one.browser.test.ts')

/** Runs the runner in a folder with one browser test, without servers and Chromium. */
function runTests(t: TestContext, args: readonly string[], env: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'roost-runner-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'test', 'browser'), { recursive: true })
  writeFileSync(join(dir, file), "import { test } from 'node:test'\ntest('one', () => {})\n")
  // With NODE_TEST_CONTEXT the child would report to the running test runner.
  const { NODE_TEST_CONTEXT: _, TEST_RUN: __, CI: ___, ...rest } = process.env
  const nothing = { TEST_DATABASE_URL: 'postgres://127.0.0.1:1/none', TEST_REDIS_URL: 'redis://127.0.0.1:1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...args], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...rest, ...nothing, CHROMIUM_PATH: join(dir, 'none'), ...env },
  })
  return { status, stdout, stderr, has_run: existsSync(join(dir, '.test', 'counts.jsonl')) }
}

test('without Chromium the run says which browser tests it skipped and how to have them', (t) => {
  const { status, stdout, stderr } = runTests(t, ['browser'])
  assert.match(stderr, /Skipped, because Chromium is not installed:\n {2}test\/browser\/one\.browser\.test\.ts\n/)
  assert.match(stderr, /apt-get install chromium.*CHROMIUM_PATH/)
  assert.match(stdout, /1 skipped\n$/)
  assert.equal(status, 0, stderr)
})

test('without Chromium the run fails in CI', (t) => {
  const { status, stdout, stderr } = runTests(t, ['browser'], { CI: 'true' })
  assert.match(stderr, /Chromium is not installed/)
  assert.match(stdout, / 0 failed, 1 skipped\n$/)
  assert.equal(status, 1, stderr)
})

test('--help prints the options and runs nothing', (t) => {
  const { status, stdout, has_run } = runTests(t, ['--help'])
  for (const option of ['--both-engines', '--write', '--help', 'CHROMIUM_PATH'])
    assert.ok(stdout.includes(option), option)
  assert.deepEqual([status, has_run], [0, false])
})

test('an unknown option is refused with the usage, and nothing runs', (t) => {
  const { status, stdout, stderr, has_run } = runTests(t, ['--both-engine'])
  assert.match(stderr, /Unknown: --both-engine\n/)
  assert.match(stdout, /^npm test /)
  assert.deepEqual([status, has_run], [2, false])
})
