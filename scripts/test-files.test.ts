// Running several test files in one process: isolation of hooks, failures, missing files.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createRun, readOutcome } from './test-run.ts'

/** Runs files with these contents one after the other in one process. */
function runFiles(t: TestContext, texts: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'roost-test-files-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const files = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(dir, name), `import { after, before, beforeEach, test } from 'node:test'\n${text}`)
    return join(dir, name)
  })
  const run = createRun(join(dir, 'run'), files, 1)
  // With this variable the child would report to the running test runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...run.entries], {
    encoding: 'utf8',
    env: { ...env, TEST_RUN: run.folder, TEST_END_MS: '500' },
  })
  const { unfinished, durations, unclaimed } = readOutcome(run)
  return {
    status,
    stdout,
    unfinished: unfinished.map((file) => file.slice(dir.length + 1)),
    finished: durations.length,
    unclaimed,
  }
}

const loggingFile = (name: string) => `
  const say = (what) => console.log(\`${name} \${what}\`)
  say('loads')
  before(() => say('begins'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  after(() => say('ends'))
  beforeEach(() => say('before a test'))
  test('one', () => say('test'))`

test('hooks run around the tests of their own file, and files run one after the other', (t) => {
  const { status, stdout, finished } = runFiles(t, { a: loggingFile('a'), b: loggingFile('b') })
  const logged = stdout.split('\n').filter((line) => /^[ab] /.test(line))
  const steps = ['loads', 'begins', 'before a test', 'test', 'ends']
  assert.deepEqual(logged, [...steps.map((step) => `a ${step}`), ...steps.map((step) => `b ${step}`)])
  assert.deepEqual([status, finished], [0, 2])
})

const broken = {
  'a test that fails': "test('one', () => { throw new Error('no') })",
  'a first hook that fails': "before(() => { throw new Error('no') })\ntest('one', () => {})",
  'a last hook that fails': "after(() => { throw new Error('no') })\ntest('one', () => {})",
  'a file that cannot be loaded': "import './nowhere.ts'",
  'an error after the last test': "test('one', () => { setTimeout(() => { throw new Error('no') }) })",
}

for (const [what, text] of Object.entries(broken)) {
  test(`${what} fails the run, and the next file still runs`, (t) => {
    const { status, stdout, unfinished } = runFiles(t, { a: text, b: loggingFile('b') })
    assert.deepEqual([status, unfinished], [1, []])
    assert.match(stdout, /^b ends$/m)
  })
}

test('a file that exits the process is unfinished, as are the files after it', (t) => {
  const { unfinished, unclaimed } = runFiles(t, {
    a: loggingFile('a'),
    b: "test('one', () => process.exit(0))",
    c: loggingFile('c'),
  })
  assert.deepEqual([unfinished, unclaimed], [['b', 'c'], 1])
})

test('a file that leaves a server open fails the run with a message, without a wait', (t) => {
  const open = "import { createServer } from 'node:net'\ntest('one', () => createServer().listen(0) && undefined)"
  const { status, stdout, unfinished } = runFiles(t, { a: open, b: loggingFile('b') })
  assert.deepEqual([status, unfinished], [1, []])
  assert.match(stdout, /left resources open.*TCPServerWrap/)
})
