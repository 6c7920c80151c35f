// What npm test prints: failures with their place, what was skipped, and one line that counts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { countsIn, verdictOf } from './test-reporter.ts'

function report(t: TestContext, text: string) {
  const dir = mkdtempSync(join(tmpdir(), 'roost-test-reporter-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const [file, counts] = [join(dir, 'a.test.mjs'), join(dir, 'counts')]
  writeFileSync(file, `import { before, describe, test } from 'node:test'\n${text}`)
  // With this variable of ours the runner would think itself part of this very run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const reporter = `--test-reporter=${import.meta.resolve('./test-reporter.ts')}`
  const { stdout } = spawnSync(process.execPath, ['--test', reporter, file], {
    encoding: 'utf8',
    env: { ...env, TEST_COUNTS: counts },
  })
  return { stdout, counts: countsIn(counts) }
}

test('tests that pass are counted and not printed', (t) => {
  const { stdout, counts } = report(
    t,
    `describe('a suite', () => { test('one', () => console.log('noise')); test('two', () => {}) })`,
  )
  assert.deepEqual([stdout, verdictOf(counts)], ['', '2 passed, 0 failed'])
})

test('a test that fails is printed with its suites, its place, its error and what was written', (t) => {
  const { stdout, counts } = report(
    t,
    `describe('a suite', () => { test('one', () => { console.log('a trace'); throw new Error('no') }); test('two', () => {}) })`,
  )
  assert.match(stdout, /✖ a suite > one\n .*a\.test\.mjs:2:\d+\n {2}Error: no\n/)
  assert.match(stdout, /a trace/)
  assert.equal(verdictOf(counts), '1 passed, 1 failed')
})

test('a failed part of a test is one failure, and so is a hook that fails', (t) => {
  const part = `test('whole', async (t) => { await t.test('part', () => { throw new Error('no') }) })`
  assert.equal(verdictOf(report(t, part).counts), '0 passed, 1 failed')
  const hook = `describe('a suite', () => { before(() => { throw new Error('no') }); test('one', () => {}) })`
  assert.equal(report(t, hook).counts.failed, 2, 'the hook and the test that could not run')
})

test('a file that ends in the middle is a failure', (t) => {
  assert.equal(report(t, `test('one', () => process.exit(3))`).counts.failed, 1)
})

test('skipped tests and suites are counted, with the reason', (t) => {
  const { counts } = report(
    t,
    `test('one', { skip: 'no server' }, () => {}); describe('a suite', { skip: 'no Redis' }, () => { test('two', () => {}) })`,
  )
  assert.deepEqual(counts.skips, ['one: no server', 'a suite: no Redis'])
  assert.equal(verdictOf(counts), '0 passed, 0 failed, 2 skipped')
})
