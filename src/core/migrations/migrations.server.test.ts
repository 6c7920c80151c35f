// Migrations on a server: concurrent runs, locks, roles, lost connections.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { folder, migratorOn, type Scratch, server } from '../../../test/migration-fixture.ts'
import { newName } from '../../../test/server-run.ts'
import { MigrationError } from './error.ts'

const properties = '20260101000000_properties'
const rooms = '20260102000000_rooms'
const files = {
  [properties]: { up: 'create table properties (id int);', down: '-- destroys: properties\ndrop table properties;' },
  [rooms]: { up: 'alter table properties add column rooms int;', down: 'alter table properties drop column rooms;' },
}

const columns = "select count(*)::int as n from information_schema.columns where table_name = 'properties'"
const rows = 'select count(*)::int as n from supabase_migrations.schema_migrations'
const one = async (scratch: Scratch, text: string) => (await scratch.query(text))[0]?.n

/** A new login role that owns the database and its schema public, without superuser. */
async function createOwner(t: TestContext, scratch: Scratch): Promise<string> {
  const owner = newName()
  const database = String((await scratch.query('select current_database() as name'))[0]?.name)
  await scratch.query(`create role ${owner} login; alter database ${database} owner to ${owner}`)
  await scratch.query(`alter schema public owner to ${owner}`)
  t.after(async () => {
    // Runs after the database is dropped, when the role owns nothing.
    const admin = await server.empty(t)
    await admin.query(`drop role ${owner}`)
  })
  return owner
}

describe('migrations on a PostgreSQL server with concurrent sessions', { skip: server.skip }, () => {
  test('of 20 concurrent runs one applies everything and 19 have nothing to apply', async (t) => {
    const scratch = await server.empty(t)
    const made = await folder(t, files)
    const migrators = Array.from({ length: 20 }, () => migratorOn(scratch, made))
    const applied = await Promise.all(migrators.map((migrator) => migrator.up()))
    assert.deepEqual(
      applied.map((list) => list.length).sort((a, b) => b - a),
      [2, ...Array.from({ length: 19 }, () => 0)],
    )
    assert.equal(await one(scratch, rows), 2)
    const waiting = migrators.filter(({ lines }) => lines.some((line) => line.startsWith('waiting for another')))
    assert.ok(waiting.length > 0, 'the runs overlapped')
  })

  test('a run waits 60 s for another run, then fails and names its process', async (t) => {
    const scratch = await server.empty(t)
    const holder = await scratch.connect()
    await holder.query('select pg_advisory_lock(1383034739, 116)')
    let waited_ms = 0
    const sleep = async (ms: number) => {
      waited_ms += ms
    }
    const migrator = migratorOn(scratch, await folder(t, files), { sleep })
    await assert.rejects(migrator.up(), (error: unknown) => {
      assert.ok(error instanceof MigrationError)
      assert.deepEqual([error.problem, error.exit_code], ['locked', 2])
      assert.match(error.message, /over 60 s \(server process \d+, roost migration tests\)/)
      return true
    })
    assert.ok(waited_ms >= 60_000 && waited_ms < 61_000, String(waited_ms))
    await holder.release()
  })

  test('a lock held by another session is retried until it is available', async (t) => {
    const scratch = await server.empty(t)
    const made = await folder(t, files)
    await migratorOn(scratch, made).up({ to: '20260101000000' })
    const holder = await scratch.connect()
    await holder.query('begin')
    await holder.query('lock table properties in access exclusive mode')
    const pauses: number[] = []
    const migrator = migratorOn(scratch, made, {
      sleep: async (ms) => {
        pauses.push(ms)
        if (pauses.length === 3) await holder.query('commit')
      },
    })
    assert.equal((await migrator.up()).length, 1)
    assert.equal(pauses.length, 3, 'three attempts failed, the fourth applied it')
    assert.match(migrator.lines.join('\n'), /rooms\.sql: a lock is not available, attempt 4 of 40 in \d+ ms/)
    assert.equal(await one(scratch, columns), 2)
    await holder.release()
  })

  test('after 40 attempts a run fails without a change, and never blocked readers', async (t) => {
    const scratch = await server.empty(t)
    const made = await folder(t, files)
    await migratorOn(scratch, made).up({ to: '20260101000000' })
    const holder = await scratch.connect()
    await holder.query('begin')
    await holder.query('select * from properties')
    let is_trying = true
    let pauses = 0
    const migrator = migratorOn(scratch, made, {
      sleep: async () => {
        pauses += 1
      },
    })
    const attempt = assert.rejects(migrator.up(), (error: unknown) => {
      is_trying = false
      assert.ok(error instanceof MigrationError)
      assert.deepEqual([error.problem, error.exit_code], ['locked', 2])
      assert.match(
        error.message,
        /rooms\.sql: another session held a lock during 40 attempts; all changes were rolled back/,
      )
      return true
    })
    // The lock is held during all reads: without lock_timeout the first read would wait forever.
    let reads = 0
    while (is_trying) {
      await scratch.query('select count(*) from properties')
      reads += 1
    }
    await attempt
    assert.equal(pauses, 39)
    assert.ok(reads > 39, `${reads} reads completed`)
    await holder.query('rollback')
    assert.equal(await one(scratch, columns), 1)
    assert.equal((await migrator.up()).length, 1)
    await holder.release()
  })

  test('a run killed within a file leaves nothing of it, and the next run completes it', async (t) => {
    const scratch = await server.empty(t)
    const terminate_self = 'alter table properties add column rooms int; select pg_terminate_backend(pg_backend_pid());'
    const made = await folder(t, { ...files, [rooms]: { up: terminate_self } })
    await assert.rejects(migratorOn(scratch, made).up(), (error: unknown) => {
      assert.ok(error instanceof MigrationError)
      assert.deepEqual([error.problem, error.exit_code], ['interrupted', 2])
      assert.match(error.message, /rooms\.sql, line 1: .*The connection was lost; .* Run again: roost migrate up$/)
      return true
    })
    assert.deepEqual([await one(scratch, columns), await one(scratch, rows)], [1, 1])
    await made.write(files)
    assert.equal((await migratorOn(scratch, made).up()).length, 1, 'the lock ended with its session')
  })

  test('an owner without superuser finds and archives rows hidden by forced RLS', async (t) => {
    const scratch = await server.empty(t)
    const owner = await createOwner(t, scratch)
    const hidden =
      'create table properties (id int); insert into properties values (7); alter table properties enable row level security; alter table properties force row level security;'
    const rollback = '-- destroys: properties\nalter table properties add column undone int;'
    const made = await folder(t, { [properties]: { up: hidden, down: rollback } })
    const migrator = migratorOn(scratch, made, { user: owner })
    await migrator.up()
    const session = await scratch.connect(owner)
    assert.deepEqual((await session.query('select * from properties')).rows, [], 'RLS hides the rows from the owner')
    await assert.rejects(migrator.down(), /would destroy the rows of public\.properties/)
    const [undone] = await migrator.down({ accept_data_loss: true })
    assert.deepEqual((await session.query(`select * from ${undone?.archived[0]}`)).rows, [{ id: 7 }])
    const forced =
      "select count(*)::int as n from pg_class where relname = 'properties' and relrowsecurity and relforcerowsecurity"
    assert.equal(await one(scratch, forced), 1, 'the remaining table still has forced RLS')
    await session.release()
  })

  test('a rollback fails when RLS hides the rows of a table of another owner', async (t) => {
    const scratch = await server.empty(t)
    const owner = await createOwner(t, scratch)
    await scratch.query('create table properties (id int); insert into properties values (7)')
    await scratch.query(`alter table properties enable row level security; grant all on properties to ${owner}`)
    const made = await folder(t, {
      [properties]: { up: 'select 1', down: '-- destroys: properties\ntruncate properties;' },
    })
    const migrator = migratorOn(scratch, made, { user: owner })
    await migrator.up()
    await assert.rejects(migrator.down(), /row-level security/)
    assert.deepEqual(await scratch.query('select * from properties'), [{ id: 7 }])
  })

  test('a connection through a transaction pooler is refused', async (t) => {
    const scratch = await server.empty(t)
    // Like such a pooler, runs the transaction on another session than the statements before it.
    const [outside, inside] = [await scratch.connect(), await scratch.connect()]
    let is_open = false
    const pooled = {
      ...scratch,
      connect: async () => ({
        query: async (text: string, values?: unknown[]) => {
          const is_begin = text.startsWith('begin')
          const session = is_open || is_begin ? inside : outside
          if (is_begin) is_open = true
          if (text === 'commit' || text === 'rollback') is_open = false
          return session.query(text, values)
        },
        release: () => {},
      }),
    }
    const made = await folder(t, files)
    await assert.rejects(migratorOn(pooled, made).up(), /transaction pooler. Set MIGRATION_DATABASE_URL/)
    assert.equal(await one(scratch, columns), 0)
    await outside.release()
    await inside.release()
  })
})
