// The output of npm test: failures, skipped tests and counts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatCounts, readCounts } from './test-reporter.ts'

function runReporter(t: TestContext, text: string) {
  const dir = mkdtempSync(join(tmpdir(), 'roost-test-reporter-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const [file, counts] = [join(dir, 'a.test.mjs'), join(dir, 'counts')]
  writeFileSync(file, `import { before, describe, test } from 'node:test'\n${text}`)
  // With this variable the child would report to the running test runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const reporter = `--test-reporter=${import.meta.resolve('./test-reporter.ts')}`
  const { stdout } = spawnSync(process.execPath, ['--test', reporter, file], {
    encoding: 'utf8',
    env: { ...env, TEST_COUNTS: counts },
  })
  return { stdout, counts: readCounts(counts) }
}

test('passed tests are counted and not printed', (t) => {
  const { stdout, counts } = runReporter(
    t,
    `describe('a suite', () => { test('one', () => console.log('noise')); test('two', () => {}) })`,
  )
  assert.deepEqual([stdout, formatCounts(counts)], ['', '2 passed, 0 failed'])
})

test('a failed test is printed with suites, location, error and output', (t) => {
  const { stdout, counts } = runReporter(
    t,
    `describe('a suite', () => { test('one', () => { console.log('a trace'); throw new Error('no') }); test('two', () => {}) })`,
  )
  assert.match(stdout, /✖ a suite > one\n .*a\.test\.mjs:2:\d+\n {2}Error: no\n/)
  assert.match(stdout, /a trace/)
  assert.equal(formatCounts(counts), '1 passed, 1 failed')
})

test('a failed subtest is one failure, and so is a failed hook', (t) => {
  const part = `test('whole', async (t) => { await t.test('part', () => { throw new Error('no') }) })`
  assert.equal(formatCounts(runReporter(t, part).counts), '0 passed, 1 failed')
  const hook = `describe('a suite', () => { before(() => { throw new Error('no') }); test('one', () => {}) })`
  assert.equal(runReporter(t, hook).counts.failed, 2, 'the hook and the test that did not run')
})

test('a file that exits early is a failure', (t) => {
  assert.equal(runReporter(t, `test('one', () => process.exit(3))`).counts.failed, 1)
})

test('skipped tests and suites are counted with their reasons', (t) => {
  const { counts } = runReporter(
    t,
    `test('one', { skip: 'no server' }, () => {}); describe('a suite', { skip: 'no Redis' }, () => { test('two', () => {}) })`,
  )
  assert.deepEqual(counts.skips, ['one: no server', 'a suite: no Redis'])
  assert.equal(formatCounts(counts), '0 passed, 0 failed, 2 skipped')
})
