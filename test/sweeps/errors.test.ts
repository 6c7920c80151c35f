// Every documented error can be caused and matches its documentation; all errors are documented.
// One engine is enough: the codes do not depend on it.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { all_triggers } from '../../proof/contract/fault-triggers.ts'
import { pageProblems, problemsOf } from '../../src/commands/verify/contract/check.ts'
import { not_triggered } from '../../src/commands/verify/contract/triggers.ts'
import { AppError, errorCatalogue } from '../../src/core/app-error.ts'
import * as errors from '../../src/core/errors.ts'
import * as requestErrors from '../../src/core/request-errors.ts'
import * as serverErrors from '../../src/core/server-errors.ts'
import { openErrorFixture, triggerError } from './error-triggers.ts'

const taxonomy = { ...errors, ...serverErrors, ...requestErrors }
const definitions = ['errors', 'server-errors', 'request-errors'].map((name) => `src/core/${name}.ts`)
const root = join(import.meta.dirname, '../..')
const environment = await openErrorFixture()
const entries = new Map(errorCatalogue.map((entry) => [entry.code, entry]))

/** Tested elsewhere: the first two need a second connection, which the embedded database does not have. */
const elsewhere = ['IDEMPOTENCY_IN_PROGRESS', 'COMMIT_UNKNOWN', 'TENANCY_FINDINGS', 'DATABASE_UNSUITABLE']

test('every code has a trigger or a reason why it has none, and every trigger has a code', () => {
  const known = new Set([...Object.keys(all_triggers), ...Object.keys(not_triggered)])
  assert.deepEqual([...known].sort(), [...entries.keys()].sort())
})

for (const entry of errorCatalogue.filter(({ code }) => !elsewhere.includes(code))) {
  test(`${entry.code} is triggered: ${entry.status}, in the envelope`, async () => {
    const reply = await triggerError(environment, entry.code)
    assert.ok(reply !== undefined)
    assert.deepEqual(problemsOf(reply, entry), [], reply.text)
  })
}

test('the service still answers after all errors', async () => {
  const { status, body } = await environment.fixture.manager.get('properties')
  assert.equal(status, 200)
  assert.ok(body.items.length >= 3)
})

test('each class is in the catalogue once, and each code has one class and one status', () => {
  const classes = Object.entries(taxonomy).filter(([name]) => name.endsWith('Error'))
  assert.equal(classes.length, errorCatalogue.length)
  assert.equal(entries.size, errorCatalogue.length, 'no duplicate code')
  for (const [name, value] of classes) {
    const made = new (value as new () => AppError)()
    assert.ok(made instanceof AppError, name)
    assert.equal(made.entry, entries.get(made.code), name)
    assert.equal(made.status, made.entry.status)
  }
})

test('each entry has complete sentences for the documentation', () => {
  for (const { code, status, message, when, advice, retryable } of errorCatalogue) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/)
    assert.ok(status >= 400 && status < 600, code)
    for (const sentence of [message, when, advice]) assert.match(sentence, /^[A-Z`].{5,}[.>]$/s, `${code}: ${sentence}`)
    assert.equal(retryable, [429, 503].includes(status) || code === 'IDEMPOTENCY_IN_PROGRESS', code)
  }
})

const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** Errors of commands, imports and migrations, which are printed on a terminal, and of a disconnected client. */
const forTerminals: Readonly<Record<string, RegExp>> = {
  ClientClosedError: /^src\/http\/client-signal\.ts$/,
  CommandError: /^src\/commands\//,
  ConfigError: /^src\/(config|service|store|main|commands\/.*)\.ts$/,
  DataDirError: /^src\/core\/postgres\/(data-folder|embedded-files|folder-lock)\.ts$/,
  MailDelayedError: /^src\/core\/mail\/transport\.ts$/,
  MailRefusedError: /^src\/core\/mail\/transport\.ts$/,
  ImportError: /^src\/(features\/imports|commands)\//,
  MigrationError: /^src\/(core\/migrations|commands)\//,
  RowError: /^src\/features\/imports\//,
}

test('every error that is thrown is in the taxonomy or never reaches a request', () => {
  const known = new Set(Object.keys(taxonomy))
  const unknown = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\bnew (\w+Error)\(/g)]
      .map(([, name = '']) => name)
      .filter((name) => !known.has(name) && !['RangeError', 'TypeError'].includes(name))
      .filter((name) => !forTerminals[name]?.test(file))
      .map((name) => `${file}: ${name}`),
  )
  assert.deepEqual(unknown, [])
})

test('every error of the taxonomy is thrown somewhere', () => {
  const users = sources.filter(({ file }) => !definitions.includes(file)).map(({ text }) => text)
  const unused = Object.keys(taxonomy).filter((name) => !users.some((text) => text.includes(name)))
  assert.deepEqual(unused, [])
})

test('docs/errors.md has every code, with its status and an anchor', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  for (const entry of errorCatalogue) assert.deepEqual(pageProblems(page, entry), [], entry.code)
})
