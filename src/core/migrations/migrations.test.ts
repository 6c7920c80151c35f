// Applying and rolling back migrations on both engines.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import {
  closeEmbedded,
  embedded,
  type Files,
  folder,
  migratorOn,
  schemaOf,
  server,
} from '../../../test/migration-fixture.ts'
import { MigrationError, type MigrationProblem } from './error.ts'

const properties = '20260101000000_properties'
const rooms = '20260102000000_rooms'
const views = '20260103000000_views'

const files: Files = {
  [properties]: {
    up: "-- Properties.\ncreate table properties (id int primary key, name text);\ninsert into properties values (1, 'a;b');\n",
    down: '-- destroys: properties\ndrop table properties;\n',
  },
  [rooms]: {
    up: 'create table rooms (id int primary key, property_id int references properties);\n',
    down: '-- destroys: rooms\ndrop table rooms;\n',
  },
  [views]: {
    up: 'create index rooms_property_idx on rooms (property_id);\n',
    down: 'drop index rooms_property_idx;\n',
  },
}

/** Matches a MigrationError with this problem and exit code whose message contains each of `words`. */
function matches(problem: MigrationProblem, exit_code: number, ...words: string[]) {
  return (error: unknown) => {
    assert.ok(error instanceof MigrationError, String(error))
    assert.equal(error.problem, problem, error.message)
    assert.equal(error.exit_code, exit_code)
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} does not contain ${word}`)
    return true
  }
}

const history = 'select version, name from supabase_migrations.schema_migrations order by version'

after(closeEmbedded)

for (const engine of [embedded, server]) {
  describe(`migrations on ${engine.name}`, { skip: engine.skip }, () => {
    test('up applies every file once, in order, with its history row', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(scratch, await folder(t, files))
      assert.deepEqual(await migrator.pending(), ['20260101000000', '20260102000000', '20260103000000'])
      const applied = await migrator.up()
      assert.deepEqual(
        applied.map(({ version, name }) => `${version}_${name}`),
        [properties, rooms, views],
      )
      assert.deepEqual(await migrator.up(), [])
      const [row] = await scratch.query(
        'select statements, checksum, applied_at is not null as has_time from supabase_migrations.schema_migrations',
      )
      assert.deepEqual(row?.statements, [
        'create table properties (id int primary key, name text)',
        "insert into properties values (1, 'a;b')",
      ])
      assert.match(String(row?.checksum), /^[0-9a-f]{64}$/)
      assert.equal(row?.has_time, true)
      const status = await migrator.status()
      assert.deepEqual([...new Set(status.map(({ state }) => state))], ['applied'])
      assert.match(status[0]?.applied_at ?? '', /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    })

    test('up, down, up gives the same schema, and down to 0 an empty one', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(
        scratch,
        await folder(t, {
          ...files,
          [properties]: { ...files[properties], up: 'create table properties (id int primary key)' },
        }),
      )
      await migrator.up()
      const first = await schemaOf(scratch)
      assert.match(first, /rooms_property_idx/)
      const undone = await migrator.down({ to: '0' })
      assert.deepEqual(
        undone.map(({ version }) => version),
        ['20260103000000', '20260102000000', '20260101000000'],
      )
      assert.equal(await schemaOf(scratch), '')
      assert.deepEqual(await scratch.query(history), [])
      await migrator.up()
      assert.equal(await schemaOf(scratch), first)
    })

    test('down rolls back the newest migration; with a version, all newer ones', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(scratch, await folder(t, files))
      await migrator.up({ to: '20260102000000' })
      assert.deepEqual(await migrator.pending(), ['20260103000000'])
      assert.deepEqual(await migrator.down({ to: '20260102000000' }), [])
      await migrator.up()
      assert.equal((await migrator.down())[0]?.name, 'views')
      assert.equal((await migrator.down({ to: '20260101000000' }))[0]?.name, 'rooms')
      assert.deepEqual(await migrator.pending(), ['20260102000000', '20260103000000'])
      await assert.rejects(migrator.down({ to: '20260102000000' }), matches('usage', 2, 'is not applied'))
      await assert.rejects(
        migrator.up({ to: '20990101000000' }),
        matches('usage', 2, 'there is no migration 20990101000000'),
      )
    })

    test('a version that the Supabase CLI has applied is not applied again', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, files)
      const migrator = migratorOn(scratch, made)
      const cli = [
        'create schema if not exists supabase_migrations',
        'create table if not exists supabase_migrations.schema_migrations (version text not null primary key)',
        'alter table supabase_migrations.schema_migrations add column if not exists statements text[]',
        'alter table supabase_migrations.schema_migrations add column if not exists name text',
      ]
      const cli_insert =
        'insert into supabase_migrations.schema_migrations(version, name, statements) values($1, $2, $3)'
      for (const statement of cli) await scratch.query(statement)
      await scratch.query('create table properties (id int primary key)')
      await scratch.query(cli_insert, [
        '20260101000000',
        'properties',
        ['create table properties (id int primary key)'],
      ])
      assert.deepEqual(await migrator.pending(), ['20260102000000', '20260103000000'])

      const applied = await migrator.up({ to: '20260102000000' })
      assert.deepEqual(
        applied.map(({ name }) => name),
        ['rooms'],
      )
      const [adopted] = await scratch.query('select * from supabase_migrations.schema_migrations order by version')
      assert.match(String(adopted?.checksum), /^[0-9a-f]{64}$/)
      assert.equal(adopted?.applied_at, null)

      for (const statement of cli) await scratch.query(statement)
      await scratch.query('create index rooms_property_idx on rooms (property_id)')
      await scratch.query(cli_insert, ['20260103000000', 'views', []])
      assert.deepEqual(await migrator.up(), [])
      await made.write({ [properties]: { up: 'select 1' } })
      await assert.rejects(migrator.up(), matches('changed', 3, properties))
    })

    test('an edited applied file is refused; a change of line endings is ignored', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, files)
      const migrator = migratorOn(scratch, made)
      await migrator.up({ to: '20260101000000' })
      await made.write({ [properties]: { up: `\ufeff${files[properties]?.up.replaceAll('\n', '\r\n')}` } })
      assert.equal((await migrator.up({ to: '20260102000000' })).length, 1)
      await made.write({ [properties]: { up: `${files[properties]?.up}-- more` } })
      assert.equal((await migrator.status())[0]?.state, 'changed')
      const refusal = matches('changed', 3, `migrations/${properties}.sql`, 'new migration')
      await assert.rejects(migrator.up(), refusal)
      await assert.rejects(migrator.plan(), refusal)
      await assert.rejects(migrator.down(), refusal)
      assert.equal((await scratch.query(history)).length, 2)
    })

    test('a pending file older than an applied one is refused', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, { [rooms]: { up: 'create table rooms (id int)' } })
      const migrator = migratorOn(scratch, made)
      await migrator.up()
      await made.write(files)
      await made.write({ [rooms]: { up: 'create table rooms (id int)' } })
      await assert.rejects(migrator.up(), matches('gap', 3, `migrations/${properties}.sql`, 'after 20260102000000'))
      assert.equal((await migrator.status())[0]?.state, 'out_of_order')
    })

    test('an applied version without a file is refused', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, files)
      const migrator = migratorOn(scratch, made)
      await migrator.up()
      await made.remove(views)
      await assert.rejects(migrator.up(), matches('unknown', 3, '20260103000000 (views)', 'release'))
      assert.equal((await migrator.status()).at(-1)?.state, 'no_file')
    })

    test('a failed file is rolled back; the error has file, line and server message', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, {
        [properties]: { up: 'create table properties (id int)' },
        [rooms]: {
          up: '-- 🏠 first\ncreate table rooms (id int);\n\ncreate table beds (\n  id int, -- 🏠🏠🏠🏠🏠🏠🏠🏠🏠🏠🏠🏠\n  size nosuch\n);\n',
        },
      })
      const migrator = migratorOn(scratch, made)
      await assert.rejects(
        migrator.up(),
        matches(
          'failed',
          1,
          `migrations/${rooms}.sql, line 6: type "nosuch" does not exist (SQLSTATE 42704)`,
          'roost migrate up',
        ),
      )
      assert.equal(await schemaOf(scratch), 'public.properties id integer')
      assert.deepEqual(await migrator.pending(), ['20260102000000'])

      // Without a position in the error, the line is that of the statement.
      await made.write({
        [rooms]: { up: "create table rooms (id int);\n/* x */ do $$ begin\n  raise exception 'failed';\nend $$;" },
      })
      await assert.rejects(migrator.up(), matches('failed', 1, `${rooms}.sql, line 2: failed`))
      const deferred =
        'create table rooms (id int unique deferrable initially deferred);\ninsert into rooms values (1), (1);'
      await made.write({ [rooms]: { up: deferred } })
      await assert.rejects(migrator.up(), matches('failed', 1, `${rooms}.sql: duplicate key`))
      assert.equal(await schemaOf(scratch), 'public.properties id integer')

      await made.write({ [rooms]: { up: 'create table rooms (id int)' } })
      assert.equal((await migrator.up()).length, 1)
    })

    test('a file is rolled back when its history row cannot be written, up and down', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, files)
      const migrator = migratorOn(scratch, made)
      await migrator.up({ to: '20260101000000' })
      const target = 'supabase_migrations.schema_migrations'
      await scratch.query(`alter table ${target} add constraint no_rooms check (version <> '20260102000000')`)
      await assert.rejects(migrator.up(), matches('failed', 1, `${rooms}.sql`, 'no_rooms'))
      assert.equal((await schemaOf(scratch)).includes('rooms'), false)
      await scratch.query(`alter table ${target} drop constraint no_rooms`)
      await migrator.up()
      await scratch.query(
        `create table kept (version text references ${target}); insert into kept values ('20260103000000')`,
      )
      await assert.rejects(migrator.down(), matches('failed', 1, `rollbacks/${views}.sql`, 'kept_version_fkey'))
      assert.match(await schemaOf(scratch), /rooms_property_idx/)
    })

    test('a file with transaction commands is refused before anything runs', async (t) => {
      const scratch = await engine.empty(t)
      const made = await folder(t, files)
      const migrator = migratorOn(scratch, made)
      for (const word of ['begin', 'COMMIT', 'rollback', 'start transaction', 'end', 'savepoint a']) {
        await made.write({ [views]: { up: `select 1;\n${word};\nselect 2;` } })
        await assert.rejects(migrator.up(), matches('files', 3, `${views}.sql, line 2: "${word}"`))
      }
      assert.equal(await schemaOf(scratch), '')
    })

    test('session settings of a file do not affect the next file or the released session', async (t) => {
      const scratch = await engine.empty(t)
      const connection = await scratch.connect()
      const settings = async () =>
        (
          await connection.query(
            `select current_setting('search_path') as path, current_setting('lock_timeout') as lock, current_user as who,
             (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
          )
        ).rows[0]
      const before = await settings()
      const made = await folder(t, {
        [properties]: { up: "set search_path = pg_catalog; set role pg_monitor; set lock_timeout = '7s';" },
        [rooms]: { up: 'create table rooms (id int)' },
      })
      const migrator = migratorOn({ ...scratch, connect: async () => ({ ...connection, release: () => {} }) }, made)
      assert.equal((await migrator.up()).length, 2)
      assert.equal(await schemaOf(scratch), 'public.rooms id integer')
      assert.deepEqual(await settings(), before)
      await connection.release()
    })

    test('a rollback that would delete rows is refused before anything is rolled back', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(scratch, await folder(t, files))
      await migrator.up()
      const before = await schemaOf(scratch)
      const refusal = matches(
        'destructive',
        3,
        `rollbacks/${properties}.sql`,
        'public.properties',
        '--accept-data-loss',
      )
      await assert.rejects(migrator.down({ to: '0' }), refusal)
      assert.equal(await schemaOf(scratch), before)
      assert.equal((await scratch.query(history)).length, 3)
      assert.equal((await migrator.down({ to: '20260101000000' })).length, 2, 'empty tables may be dropped')
    })

    test('a rollback is refused when rows appear during an earlier rollback of the run', async (t) => {
      const scratch = await engine.empty(t)
      const refill = { up: 'create table rooms (id int)', down: 'drop table rooms; insert into properties values (2);' }
      const migrator = migratorOn(scratch, await folder(t, { ...files, [rooms]: refill }))
      await migrator.up({ to: '20260102000000' })
      await scratch.query('delete from properties')
      await assert.rejects(migrator.down({ to: '0' }), matches('destructive', 3, `rollbacks/${properties}.sql`))
      assert.deepEqual(await scratch.query('select id from properties'), [{ id: 2 }])
      assert.deepEqual(await migrator.pending(), ['20260102000000', '20260103000000'])
    })

    test('--accept-data-loss first copies the rows to the schema archive', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(scratch, await folder(t, files))
      for (const round of [1, 2]) {
        await migrator.up()
        const undone = await migrator.down({ to: '0', accept_data_loss: true })
        const copies = undone.flatMap(({ archived }) => archived)
        assert.equal(copies.length, 1, 'only tables with rows are copied')
        assert.match(copies[0] ?? '', /^archive\.properties_20\d{12}(_2)?$/)
        assert.deepEqual(await scratch.query(`select * from ${copies[0]}`), [{ id: 1, name: 'a;b' }])
        const [tables] = await scratch.query(
          "select count(*)::int as copies from pg_tables where schemaname = 'archive'",
        )
        assert.equal(tables?.copies, round, 'an earlier copy is never overwritten')
      }
      const [schema] = await scratch.query("select has_schema_privilege('pg_monitor', 'archive', 'usage') as is_open")
      assert.equal(schema?.is_open, false)
    })

    test('down refuses a migration without rollback', async (t) => {
      const scratch = await engine.empty(t)
      const migrator = migratorOn(
        scratch,
        await folder(t, { [properties]: { up: 'create table properties (id int)' } }),
      )
      await migrator.up()
      await assert.rejects(migrator.down(), matches('files', 3, `rollbacks/${properties}.sql`))
      assert.equal(await schemaOf(scratch), 'public.properties id integer')
    })

    test('CONCURRENTLY runs outside a transaction, and a failed index build is repeated', async (t) => {
      const scratch = await engine.empty(t)
      const header = '-- roost: no-transaction\n'
      const made = await folder(t, {
        [properties]: { up: 'create table properties (id int);\ninsert into properties values (1), (1);' },
        [rooms]: {
          up: `${header}create unique index concurrently if not exists properties_idx on properties (id);`,
          down: `${header}drop index concurrently if exists properties_idx;`,
        },
      })
      const migrator = migratorOn(scratch, made)
      await assert.rejects(migrator.up(), matches('failed', 1, `${rooms}.sql, line 2: could not create unique index`))
      const valid = 'select indisvalid from pg_index where indexrelid = to_regclass($1)'
      assert.deepEqual(
        await scratch.query(valid, ['properties_idx']),
        [{ indisvalid: false }],
        'the failed build left an invalid index',
      )
      await scratch.query('delete from properties')
      await migrator.up()
      assert.deepEqual(await scratch.query(valid, ['properties_idx']), [{ indisvalid: true }])
      await migrator.down()
      assert.deepEqual(await scratch.query(valid, ['properties_idx']), [])
      await made.write({ [views]: { up: `${header}create index properties_idx on properties (id);` } })
      await assert.rejects(migrator.up(), matches('files', 3, `${views}.sql`, 'CONCURRENTLY'))
    })
  })
}
