// Warnings about migrations, and invalid migration folders.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folder } from '../../../test/migration-fixture.ts'
import { readMigrations } from './files.ts'
import { lintMigration } from './lints.ts'

const name = '20260101000000_change'

const table = "create table t (agency_id uuid not null);\nselect app.protect('t');\n"

/** Name, SQL, rollback, and a pattern for the only warning; without a pattern there is none. */
const cases: [string, string, string, RegExp?][] = [
  ['a plain index on an existing table', 'create index i on t (a);', '', /^line 1: CREATE INDEX without CONCURRENTLY/],
  ['a unique index on ONLY an existing table', 'create unique index on only public.t (a)', '', /CONCURRENTLY/],
  ['an index on a table of the same file', `${table}create index i on public.t (a);`, '-- destroys: t\ndrop table t;'],
  ['an index built concurrently', '-- roost: no-transaction\ncreate index concurrently if not exists i on t (a);', ''],
  ['a dropped column', 'alter table t drop column a;', '', /^line 1: DROP COLUMN .*-- contract/],
  ['a dropped column that is declared', '-- contract: a is unused since 1.4\nalter table t drop column a;', ''],
  ['a comment that contains drop column', "-- drop column\ncomment on table t is 'drop column';", ''],
  ['timestamp without time zone', 'alter table t add column a timestamp;', '', /timestamptz/],
  ['timestamp(3) without time zone', 'alter table t add column a timestamp (3) without time zone;', '', /timestamptz/],
  ['timestamps with time zone', 'alter table t add column a timestamptz, add b timestamp(3) with time zone;', ''],
  ['a new table without protection', 'create table t (a int);', '-- destroys: t\ndrop table t;', /app\.protect\('t'\)/],
  ['a new table with app.protect', table, '-- destroys: t\ndrop table t;'],
  [
    'a new table with row-level security enabled in the file',
    'create table public.t (a int);\nalter table t enable row level security;',
    '',
  ],
  ['a new table outside public', 'create table app.t (a int);', 'drop table app.t;'],
  ['SET NOT NULL', 'alter table t alter column a set not null;', '', /^line 1: SET NOT NULL/],
  ['a changed type', 'alter table t alter column a type bigint;', '', /changing a type/],
  [
    'a foreign key that is validated immediately',
    'alter table t add constraint f foreign key (a) references b;',
    '',
    /NOT VALID/,
  ],
  ['a check that is validated later', 'alter table t add constraint c check (a > 0) not valid;', ''],
  [
    'a rollback that drops a table without declaring it',
    table,
    'drop table if exists t cascade;',
    /rollbacks\/.* drops t;.*-- destroys: t/,
  ],
]

describe('warnings about a migration', () => {
  for (const [title, up, down, warning] of cases) {
    test(`${title}: ${warning === undefined ? 'no warning' : 'one warning'}`, async (t) => {
      const { migrations_dir, rollbacks_dir } = await folder(t, { [name]: { up, down } })
      const [migration] = await readMigrations(migrations_dir, rollbacks_dir)
      assert.ok(migration)
      const warnings = lintMigration(migration)
      assert.equal(warnings.length, warning === undefined ? 0 : 1, warnings.join('\n'))
      if (warning !== undefined) assert.match(warnings[0] ?? '', warning)
    })
  }

  test('a missing rollback is one warning', async (t) => {
    const { migrations_dir, rollbacks_dir } = await folder(t, { [name]: { up: 'select 1' } })
    const warnings = (await readMigrations(migrations_dir, rollbacks_dir)).flatMap(lintMigration)
    assert.match(warnings.join('\n'), /^there is no rollback of the same name in supabase\/rollbacks/)
  })

  test("this project's migrations cause no warnings", async () => {
    const path = (folder_name: string) => fileURLToPath(new URL(`../../../supabase/${folder_name}`, import.meta.url))
    const migrations = await readMigrations(path('migrations'), path('rollbacks'))
    const warnings = migrations.flatMap((migration) =>
      lintMigration(migration).map((text) => `${migration.file}: ${text}`),
    )
    assert.deepEqual(warnings, [])
  })
})

describe('migration folders are refused with', () => {
  const wrong: [string, Parameters<typeof folder>[1], RegExp][] = [
    ['a name without version', { add_guests: { up: '' } }, /add_guests\.sql: a migration is named <14 digits>/],
    ['a short version', { '2026_a': { up: '' } }, /<14 digits>/],
    [
      'two files with the same version',
      { '20260101000000_a': { up: '' }, '20260101000000_b': { up: '' } },
      /_b\.sql: another file/,
    ],
    [
      'a rollback whose destroys line names no table',
      { [name]: { up: '', down: '-- destroys: a;b\n' } },
      /must name a table/,
    ],
    [
      'several statements in a file without transaction',
      { [name]: { up: '-- roost: no-transaction\nselect 1; select 2' } },
      /exactly one/,
    ],
  ]
  for (const [title, files, message] of wrong) {
    test(title, async (t) => {
      const { migrations_dir, rollbacks_dir } = await folder(t, files)
      await assert.rejects(readMigrations(migrations_dir, rollbacks_dir), message)
    })
  }

  test('a missing migrations folder', async () => {
    await assert.rejects(
      readMigrations('/nonexistent/migrations', '/nonexistent'),
      /cannot read the folder \/nonexistent/,
    )
  })
})
