import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { Command } from 'commander'
import { closeEmbedded, embedded, type Files, folder, migratorOn } from '../../test/migration-fixture.ts'
import { addMigrate } from './migrate-actions.ts'

const files: Files = {
  '20260101000000_houses': {
    up: "create table castProperties (id int);\ninsert into castProperties values (1);\nselect app.protect('castProperties');",
    down: '-- destroys: castProperties\ndrop table castProperties;',
  },
  '20260102000000_rooms': { up: 'create index rooms_idx\non castProperties (id);', down: 'drop index rooms_idx;' },
}

interface Result {
  readonly lines: string[]
  readonly exit_code: number
}

/** roost migrate … on an empty database: what it prints, and its exit code. */
async function commandLine(t: TestContext) {
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
  test('up lists what it applied and says where the database is; again there is nothing to apply', async (t) => {
    const { run } = await commandLine(t)
    assert.deepEqual(await run('up'), {
      lines: [
        'applied  20260101000000  castProperties  n ms',
        'applied  20260102000000  rooms   n ms',
        'Done: the database is at 20260102000000 (rooms).',
      ],
      exit_code: 0,
    })
    assert.deepEqual((await run('up')).lines, ['Nothing to apply: the database is at 20260102000000 (rooms).'])
  })

  test('status ends with 1 while migrations are pending and with 0 when all are applied', async (t) => {
    const { run } = await commandLine(t)
    const empty = await run('status')
    assert.equal(empty.exit_code, 1)
    assert.equal(empty.lines.at(-1), 'No migration is applied; 2 pending. Apply with: roost migrate up')
    await run('up', '--to', '20260101000000')
    assert.deepEqual(await run('status'), {
      lines: [
        'VERSION         NAME    STATE    APPLIED AT',
        '20260101000000  castProperties  applied  then',
        '20260102000000  rooms   pending',
        'The database is at 20260101000000 (castProperties); 1 pending. Apply with: roost migrate up',
      ],
      exit_code: 1,
    })
    await run('up')
    const current = await run('status')
    assert.equal(current.exit_code, 0)
    assert.equal(current.lines.at(-1), 'The database is at 20260102000000 (rooms): up to date.')
  })

  test('status --json is one document with the state of each version', async (t) => {
    const { run } = await commandLine(t)
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

  test('status shows a disagreement and ends with 1 instead of refusing', async (t) => {
    const { run, made } = await commandLine(t)
    await run('up')
    await made.write({ '20260101000000_houses': { up: 'select 1' } })
    const { lines, exit_code } = await run('status')
    assert.equal(exit_code, 1)
    assert.match(lines[1] ?? '', /CHANGED since it was applied/)
    assert.match(lines.at(-1) ?? '', /disagree on 1\. What to do: roost migrate plan/)
    await assert.rejects(run('plan'), { name: 'MigrationError', exit_code: 3 })
  })

  test('plan shows every statement and warning, and changes nothing', async (t) => {
    const { run } = await commandLine(t)
    const { lines, exit_code } = await run('plan')
    assert.equal(exit_code, 0)
    assert.deepEqual(lines.slice(0, 7), [
      '20260101000000 castProperties',
      '  create table castProperties (id int);',
      '  insert into castProperties values (1);',
      "  select app.protect('castProperties');",
      '',
      '20260102000000 rooms',
      '  create index rooms_idx\n  on castProperties (id);',
    ])
    assert.match(lines[7] ?? '', /^ {2}WARNING line 1: CREATE INDEX without CONCURRENTLY/)
    assert.equal(lines.at(-1), 'To apply: 2, warnings: 1; no migration is applied. Apply with: roost migrate up')
    const { steps } = JSON.parse((await run('plan', '--json')).lines.join('\n'))
    assert.equal(steps[0].statements.length, 3)
    assert.equal((await run('status')).exit_code, 1)
  })

  test('down undoes the newest, and asks for --accept-data-loss before rows go', async (t) => {
    const { run } = await commandLine(t)
    await run('up')
    assert.deepEqual((await run('down')).lines, [
      'undone  20260102000000  rooms  n ms',
      'Done: the database is at 20260101000000 (castProperties).',
    ])
    await assert.rejects(run('down', '--to', '0'), {
      name: 'MigrationError',
      exit_code: 3,
      message: /--accept-data-loss/,
    })
    const { lines } = await run('down', '--to', '0', '--accept-data-loss')
    assert.match(lines[1] ?? '', /^Rows kept in archive\.houses_\d{14}\.$/)
    assert.equal(lines[2], 'Done: no migration is applied.')
    assert.deepEqual((await run('down')).lines, ['Nothing to undo: no migration is applied.'])
  })
})
