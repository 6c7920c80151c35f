// The collector: which statements it keeps, and the source file of each.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { onOneLine, senderOf } from './collector.ts'

const root = new URL('../../', import.meta.url)
const carried = ['test/isolation/collector.ts', 'src/core/postgres/transaction.ts', 'src/core/postgres/transaction.ts']

function stack(...files: string[]): string {
  const frames = [...carried, ...files].map((file) => `    at async work (file:///r/${file}:12:7)`)
  return ['Error', ...frames, '    at node:internal/process/task_queues:103:5'].join('\n')
}

const sender = (...files: string[]) => senderOf(stack(...files), 'file:///r/')

test('a statement belongs to the nearest source file outside the transaction code', () => {
  assert.equal(sender('src/core/events/audit.ts', 'src/features/bookings/create.ts'), 'src/core/events/audit.ts')
  assert.equal(
    sender('src/core/postgres/database.ts', 'src/features/bookings/routes.ts'),
    'src/features/bookings/routes.ts',
  )
  assert.equal(sender('node_modules/x/index.js', 'src/commands/demo.ts', 'test/a.test.ts'), 'src/commands/demo.ts')
})

test('a statement sent by a test itself is not collected, wherever the test is', () => {
  assert.equal(sender('test/races.test.ts', 'src/core/postgres/database.ts'), undefined)
  assert.equal(sender('src/features/bookings/create.test.ts', 'src/core/jobs/jobs.ts'), undefined)
  assert.equal(sender('proof/bench/run.ts'), undefined)
  assert.equal(sender(), undefined)
})

test('an observer between collector and transaction does not hide the sender', () => {
  const wrapped = `Error\n at a (file:///r/test/harness.ts:1:1)\n${stack('src/features/team/team.ts')}`
  assert.equal(senderOf(wrapped, 'file:///r/'), 'src/features/team/team.ts')
})

test('a statement is written on one line, with quoted text unchanged', () => {
  assert.equal(onOneLine('\n  select a, -- why; it\'s so\n\t"b  c" /* or\n not */ from t\n'), 'select a, "b  c" from t')
  assert.equal(
    onOneLine("select 'a  --  ''b', $1,\n e'\\'  x', $x$ y\n  z $x$"),
    "select 'a  --  ''b', $1, e'\\'  x', $x$ y\n  z $x$",
  )
})

test('a process writes its statements to its own file, once per test file', () => {
  const program = `
    import vm from 'node:vm'
    const { recordStatement, saveStatements } = await import(${JSON.stringify(new URL('collector.ts', import.meta.url).href)})
    const from = (file) => vm.runInThisContext('(record, text) => record(text)', { filename: ${JSON.stringify(root.href)} + file })
    const product = from('src/features/bookings/made-up.ts')
    from('test/made-up.test.ts')(recordStatement, 'select 1')
    product(recordStatement, 'select\\n  2')
    product(recordStatement, 'select\\n  2')
    product(recordStatement, 'select 1')
    from('test/made-up.test.ts')(recordStatement, 'select 3')
    saveStatements()
    from('src/features/guests/made-up.ts')(recordStatement, 'select 1')
    console.log(process.pid)`
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
  const file = fileURLToPath(new URL(`.test/statements/${out.trim()}.jsonl`, root))
  try {
    assert.ok(existsSync(file))
    const made_up = readFileSync(file, 'utf8').trim().split('\n').slice(-3)
    assert.deepEqual(
      made_up.map((line) => JSON.parse(line)),
      [
        { text: 'select 2', file: 'src/features/bookings/made-up.ts' },
        { text: 'select 1', file: 'src/features/bookings/made-up.ts' },
        { text: 'select 1', file: 'src/features/guests/made-up.ts' },
      ],
    )
  } finally {
    rmSync(file, { force: true })
  }
})
