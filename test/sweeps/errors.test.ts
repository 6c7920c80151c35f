// Every documented error can be brought about and looks as documented; every thrown one is documented.
// One engine is enough: the codes are those of the API, whatever is behind it.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pageProblems, problemsOf } from '../../src/commands/verify/contract/check.ts'
import { provocations, unprovoked } from '../../src/commands/verify/contract/provocations.ts'
import { AppError, errorCatalogue } from '../../src/core/app-error.ts'
import * as errors from '../../src/core/errors.ts'
import * as requestErrors from '../../src/core/request-errors.ts'
import * as outages from '../../src/core/server-errors.ts'
import { provoke, setScene } from './provocations.ts'

const taxonomy = { ...errors, ...outages, ...requestErrors }
const homes = ['errors', 'outages', 'request-errors'].map((name) => `src/core/${name}.ts`)
const root = join(import.meta.dirname, '../..')
const scene = await setScene()
const entries = new Map(errorCatalogue.map((entry) => [entry.code, entry]))

/** Brought about in other tests: the embedded database has one connection, so none that breaks, and none beside. */
const elsewhere = ['IDEMPOTENCY_IN_PROGRESS', 'COMMIT_UNKNOWN', ...Object.keys(unprovoked)]

test('there is a provocation for every code, and a code for every provocation', () => {
  assert.deepEqual([...Object.keys(provocations), ...Object.keys(unprovoked)].sort(), [...entries.keys()].sort())
})

for (const entry of errorCatalogue.filter(({ code }) => !elsewhere.includes(code))) {
  test(`${entry.code} can be provoked: ${entry.status}, in the envelope`, async () => {
    const reply = await provoke(scene, entry.code)
    assert.ok(reply !== undefined)
    assert.deepEqual(problemsOf(reply, entry), [], reply.text)
  })
}

test('the service works on after all of them', async () => {
  const { status, body } = await scene.stage.manager.get('properties')
  assert.equal(status, 200)
  assert.ok(body.items.length >= 3)
})

test('each class is in the catalogue once, each code has one class and one status', () => {
  const classes = Object.entries(taxonomy).filter(([name]) => name.endsWith('Error'))
  assert.equal(classes.length, errorCatalogue.length)
  assert.equal(entries.size, errorCatalogue.length, 'no code twice')
  for (const [name, value] of classes) {
    const made = new (value as new () => AppError)()
    assert.ok(made instanceof AppError, name)
    assert.equal(made.entry, entries.get(made.code), name)
    assert.equal(made.status, made.entry.status)
  }
})

test('each entry is fit for the documentation', () => {
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

/** Failures of commands, imports and migrations, which are told on a terminal, and of a client that has gone. */
const forTerminals: Readonly<Record<string, RegExp>> = {
  ChooseAgainError: /^src\/features\/imports\//,
  ClientClosedError: /^src\/http\/client-signal\.ts$/,
  CommandError: /^src\/commands\//,
  ConfigError: /^src\/(config|service|store|main|commands\/.*)\.ts$/,
  DataDirError: /^src\/core\/(data-folder|embedded-files|folder-lock)\.ts$/,
  ImportError: /^src\/(features\/imports|commands)\//,
  MigrationError: /^src\/(core\/migrations|commands)\//,
  RowError: /^src\/features\/imports\//,
}

test('every error that is thrown is one of the taxonomy, or never meets a request', () => {
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
  const users = sources.filter(({ file }) => !homes.includes(file)).map(({ text }) => text)
  const unused = Object.keys(taxonomy).filter((name) => !users.some((text) => text.includes(name)))
  assert.deepEqual(unused, [])
})

test('docs/errors.md has every code, with its status and an anchor', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  for (const entry of errorCatalogue) assert.deepEqual(pageProblems(page, entry), [], entry.code)
})
