// roost migrate: output and exit codes.
import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { Command } from 'commander'
import { closeEmbedded, embedded, type Files, folder, migratorOn } from '../../test/migration-fixture.ts'
import { addMigrate } from './migrate-actions.ts'

const files: Files = {
  '20260101000000_properties': {
    up: "create table properties (id int);\ninsert into properties values (1);\nselect app.protect('properties');",
    down: '-- destroys: properties\ndrop table properties;',
  },
  '20260102000000_rooms': { up: 'create index rooms_idx\non properties (id);', down: 'drop index rooms_idx;' },
}

interface Result {
  readonly lines: string[]
  readonly exit_code: number
}

/** Runs roost migrate on an empty database. Returns its output and exit code. */
async function createRunner(t: TestContext) {
  const scratch = await embedded.empty(t)
  await scratch.query(
    'create schema app; create function app.protect(regclass) returns void language sql as $$ select $$',
  )
  const made = await folder(t, files)
  async function run(...args: string[]): Promise<Result> {
    const lines: string[] = []
    const program = new Command().exitOverride().configureOutput({ writeErr: (text) => lines.push(text) })
    addMigrate(program, {
      withMigrator: (work) => work(migratorOn(scratch, made)),
      print: (line) => lines.push(line),
    })
    process.exitCode = undefined
    await program.parseAsync(['migrate', ...args], { from: 'user' })
    const exit_code = Number(process.exitCode ?? 0)
    process.exitCode = undefined
    return { lines: lines.map((line) => line.replace(/\d+ ms$/, 'n ms').replace(/20\d\d-.*Z/, 'then')), exit_code }
  }
  return { run, made }
}

after(closeEmbedded)

describe('roost migrate', () => {
  test('up lists the applied migrations; a second run has nothing to apply', async (t) => {
    const { run } = await createRunner(t)
    assert.deepEqual(await run('up'), {
      lines: [
        'applied  20260101000000  properties  n ms',
        'applied  20260102000000  rooms       n ms',
        'Done: the database is at 20260102000000 (rooms).',
      ],
      exit_code: 0,
    })
    assert.deepEqual((await run('up')).lines, ['Nothing to apply: the database is at 20260102000000 (rooms).'])
  })

  test('status exits with 1 while migrations are pending and with 0 when all are applied', async (t) => {
    const { run } = await createRunner(t)
    const empty = await run('status')
    assert.equal(empty.exit_code, 1)
    assert.equal(empty.lines.at(-1), 'No migration is applied; 2 pending. Apply with: roost migrate up')
    await run('up', '--to', '20260101000000')
    assert.deepEqual(await run('status'), {
      lines: [
        'VERSION         NAME        STATE    APPLIED AT',
        '20260101000000  properties  applied  then',
        '20260102000000  rooms       pending',
        'The database is at 20260101000000 (properties); 1 pending. Apply with: roost migrate up',
      ],
      exit_code: 1,
    })
    await run('up')
    const current = await run('status')
    assert.equal(current.exit_code, 0)
    assert.equal(current.lines.at(-1), 'The database is at 20260102000000 (rooms): up to date.')
  })

  test('status --json is one document with the state of each version', async (t) => {
    const { run } = await createRunner(t)
    await run('up', '--to', '20260101000000')
    const { lines, exit_code } = await run('status', '--json')
    const report = JSON.parse(lines.join('\n'))
    assert.equal(exit_code, 1)
    assert.deepEqual([report.is_current, report.current_version], [false, '20260101000000'])
    assert.deepEqual(
      report.migrations.map(({ version, state }: { version: string; state: string }) => [version, state]),
      [
        ['20260101000000', 'applied'],
        ['20260102000000', 'pending'],
      ],
    )
  })

  test('status shows a disagreement and exits with 1', async (t) => {
    const { run, made } = await createRunner(t)
    await run('up')
    await made.write({ '20260101000000_properties': { up: 'select 1' } })
    const { lines, exit_code } = await run('status')
    assert.equal(exit_code, 1)
    assert.match(lines[1] ?? '', /CHANGED after it was applied/)
    assert.match(lines.at(-1) ?? '', /disagree on 1\. For details: roost migrate plan/)
    await assert.rejects(run('plan'), { name: 'MigrationError', exit_code: 3 })
  })

  test('plan shows every statement and warning, and changes nothing', async (t) => {
    const { run } = await createRunner(t)
    const { lines, exit_code } = await run('plan')
    assert.equal(exit_code, 0)
    assert.deepEqual(lines.slice(0, 7), [
      '20260101000000 properties',
      '  create table properties (id int);',
      '  insert into properties values (1);',
      "  select app.protect('properties');",
      '',
      '20260102000000 rooms',
      '  create index rooms_idx\n  on properties (id);',
    ])
    assert.match(lines[7] ?? '', /^ {2}WARNING line 1: CREATE INDEX without CONCURRENTLY/)
    assert.equal(lines.at(-1), 'To apply: 2, warnings: 1; no migration is applied. Apply with: roost migrate up')
    const { steps } = JSON.parse((await run('plan', '--json')).lines.join('\n'))
    assert.equal(steps[0].statements.length, 3)
    assert.equal((await run('status')).exit_code, 1)
  })

  test('down rolls back the newest, and needs --accept-data-loss when rows would be lost', async (t) => {
    const { run } = await createRunner(t)
    await run('up')
    assert.deepEqual((await run('down')).lines, [
      'rolled back  20260102000000  rooms  n ms',
      'Done: the database is at 20260101000000 (properties).',
    ])
    await assert.rejects(run('down', '--to', '0'), {
      name: 'MigrationError',
      exit_code: 3,
      message: /--accept-data-loss/,
    })
    const { lines } = await run('down', '--to', '0', '--accept-data-loss')
    assert.match(lines[1] ?? '', /^Rows copied to archive\.properties_\d{14}\.$/)
    assert.equal(lines[2], 'Done: no migration is applied.')
    assert.deepEqual((await run('down')).lines, ['Nothing to roll back: no migration is applied.'])
  })
})
