// How npm test runs many files in one process: as if each had one to itself, and none goes missing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeRun, outcomeOf } from './test-run.ts'

/** Runs files with these texts one after the other in one process. */
function runTexts(t: TestContext, texts: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'roost-test-files-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const files = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(dir, name), `import { after, before, beforeEach, test } from 'node:test'\n${text}`)
    return join(dir, name)
  })
  const run = makeRun(join(dir, 'run'), files, 1)
  // With this variable of ours the runner would think itself part of this very run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...run.entries], {
    encoding: 'utf8',
    env: { ...env, TEST_RUN: run.folder, TEST_END_MS: '500' },
  })
  const { unfinished, took, left } = outcomeOf(run)
  return {
    status,
    stdout,
    unfinished: unfinished.map((file) => file.slice(dir.length + 1)),
    ended: took.length,
    left,
  }
}

const talking = (name: string) => `
  const say = (what) => console.log(\`${name} \${what}\`)
  say('loads')
  before(() => say('begins'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  after(() => say('ends'))
  beforeEach(() => say('before a test'))
  test('one', () => say('test'))`

test('the hooks of a file run around its own tests only, and it is through before the next is loaded', (t) => {
  const { status, stdout, ended } = runTexts(t, { a: talking('a'), b: talking('b') })
  const said = stdout.split('\n').filter((line) => /^[ab] /.test(line))
  const steps = ['loads', 'begins', 'before a test', 'test', 'ends']
  assert.deepEqual(said, [...steps.map((step) => `a ${step}`), ...steps.map((step) => `b ${step}`)])
  assert.deepEqual([status, ended], [0, 2])
})

const broken = {
  'a test that fails': "test('one', () => { throw new Error('no') })",
  'a first hook that fails': "before(() => { throw new Error('no') })\ntest('one', () => {})",
  'a last hook that fails': "after(() => { throw new Error('no') })\ntest('one', () => {})",
  'a file that cannot be loaded': "import './nowhere.ts'",
  'an error after the last test': "test('one', () => { setTimeout(() => { throw new Error('no') }) })",
}

for (const [what, text] of Object.entries(broken)) {
  test(`${what} fails the run, and the next file runs all the same`, (t) => {
    const { status, stdout, unfinished } = runTexts(t, { a: text, b: talking('b') })
    assert.deepEqual([status, unfinished], [1, []])
    assert.match(stdout, /^b ends$/m)
  })
}

test('a file during which the process ends did not come to its end, whatever the exit code, nor did those behind it', (t) => {
  const { unfinished, left } = runTexts(t, {
    a: talking('a'),
    b: "test('one', () => process.exit(0))",
    c: talking('c'),
  })
  assert.deepEqual([unfinished, left], [['b', 'c'], 1])
})

test('a file that leaves a server open fails the run, which says what is open and does not wait for it', (t) => {
  const open = "import { createServer } from 'node:net'\ntest('one', () => createServer().listen(0) && undefined)"
  const { status, stdout, unfinished } = runTexts(t, { a: open, b: talking('b') })
  assert.deepEqual([status, unfinished], [1, []])
  assert.match(stdout, /left something open.*TCPServerWrap/)
})
