import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { folder, migratorOn, type Scratch, server } from '../../../test/migration-fixture.ts'
import { newName } from '../../../test/server-run.ts'
import { MigrationError } from './error.ts'

const houses = '20260101000000_houses'
const rooms = '20260102000000_rooms'
const files = {
  [houses]: { up: 'create table houses (id int);', down: '-- destroys: houses\ndrop table houses;' },
  [rooms]: { up: 'alter table houses add column rooms int;', down: 'alter table houses drop column rooms;' },
}

const columns = "select count(*)::int as n from information_schema.columns where table_name = 'houses'"
const rows = 'select count(*)::int as n from supabase_migrations.schema_migrations'
const one = async (scratch: Scratch, text: string) => (await scratch.query(text))[0]?.n

/** A login of its own that owns the database and its schema public, but is no superuser. */
async function ownerOf(t: TestContext, scratch: Scratch): Promise<string> {
  const owner = newName()
  const database = String((await scratch.query('select current_database() as name'))[0]?.name)
  await scratch.query(`create role ${owner} login; alter database ${database} owner to ${owner}`)
  await scratch.query(`alter schema public owner to ${owner}`)
  t.after(async () => {
    // Runs after the database is dropped: only then the role owns nothing.
    const admin = await server.empty(t)
    await admin.query(`drop role ${owner}`)
  })
  return owner
}

describe('migrations on a PostgreSQL that others use too', { skip: server.skip }, () => {
  test('of 20 runners at once one applies everything and 19 find nothing left to do', async (t) => {
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
    assert.ok(waiting.length > 0, 'they did meet')
  })

  test('a run waits 60 s for another one, then names it and gives up', async (t) => {
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

  test('a lock that is held for a while is asked for again until it is free', async (t) => {
    const scratch = await server.empty(t)
    const made = await folder(t, files)
    await migratorOn(scratch, made).up({ to: '20260101000000' })
    const holder = await scratch.connect()
    await holder.query('begin')
    await holder.query('lock table houses in access exclusive mode')
    const pauses: number[] = []
    const migrator = migratorOn(scratch, made, {
      sleep: async (ms) => {
        pauses.push(ms)
        if (pauses.length === 3) await holder.query('commit')
      },
    })
    assert.equal((await migrator.up()).length, 1)
    assert.equal(pauses.length, 3, 'refused three times, applied at the fourth')
    assert.match(migrator.lines.join('\n'), /rooms\.sql: a lock is not free, try 4 of 40 in \d+ ms/)
    assert.equal(await one(scratch, columns), 2)
    await holder.release()
  })

  test('after 40 tries it gives up with nothing changed, and readers were never kept waiting behind it', async (t) => {
    const scratch = await server.empty(t)
    const made = await folder(t, files)
    await migratorOn(scratch, made).up({ to: '20260101000000' })
    const holder = await scratch.connect()
    await holder.query('begin')
    await holder.query('select * from houses')
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
        /rooms\.sql: another session held a lock it needs through 40 tries; nothing of it was kept/,
      )
      return true
    })
    // The holder never lets go while these read: without the time limit the first would wait for ever.
    let reads = 0
    while (is_trying) {
      await scratch.query('select count(*) from houses')
      reads += 1
    }
    await attempt
    assert.equal(pauses, 39)
    assert.ok(reads > 39, `${reads} reads went through meanwhile`)
    await holder.query('rollback')
    assert.equal(await one(scratch, columns), 1)
    assert.equal((await migrator.up()).length, 1)
    await holder.release()
  })

  test('a runner killed in the middle of a file leaves nothing of it, and the next run completes it', async (t) => {
    const scratch = await server.empty(t)
    const suicide = 'alter table houses add column rooms int; select pg_terminate_backend(pg_backend_pid());'
    const made = await folder(t, { ...files, [rooms]: { up: suicide } })
    await assert.rejects(migratorOn(scratch, made).up(), (error: unknown) => {
      assert.ok(error instanceof MigrationError)
      assert.deepEqual([error.problem, error.exit_code], ['interrupted', 2])
      assert.match(error.message, /rooms\.sql, line 1: .*The connection was lost; .* Run again: roost migrate up$/)
      return true
    })
    assert.deepEqual([await one(scratch, columns), await one(scratch, rows)], [1, 1])
    await made.write(files)
    assert.equal((await migratorOn(scratch, made).up()).length, 1, 'the lock died with its session')
  })

  test('an owner who is no superuser still sees, keeps and archives rows hidden by forced row-level security', async (t) => {
    const scratch = await server.empty(t)
    const owner = await ownerOf(t, scratch)
    const hidden =
      'create table houses (id int); insert into houses values (7); alter table houses enable row level security; alter table houses force row level security;'
    const undoing = '-- destroys: houses\nalter table houses add column undone int;'
    const made = await folder(t, { [houses]: { up: hidden, down: undoing } })
    const migrator = migratorOn(scratch, made, { user: owner })
    await migrator.up()
    const session = await scratch.connect(owner)
    assert.deepEqual((await session.query('select * from houses')).rows, [], 'the fault is armed: the owner sees none')
    await assert.rejects(migrator.down(), /would destroy the rows of public\.houses/)
    const [undone] = await migrator.down({ accept_data_loss: true })
    assert.deepEqual((await session.query(`select * from ${undone?.archived[0]}`)).rows, [{ id: 7 }])
    const forced =
      "select count(*)::int as n from pg_class where relname = 'houses' and relrowsecurity and relforcerowsecurity"
    assert.equal(await one(scratch, forced), 1, 'a table that survives is as protected as before')
    await session.release()
  })

  test('rows of a table that belongs to somebody else are never counted as none', async (t) => {
    const scratch = await server.empty(t)
    const owner = await ownerOf(t, scratch)
    await scratch.query('create table houses (id int); insert into houses values (7)')
    await scratch.query(`alter table houses enable row level security; grant all on houses to ${owner}`)
    const made = await folder(t, { [houses]: { up: 'select 1', down: '-- destroys: houses\ntruncate houses;' } })
    const migrator = migratorOn(scratch, made, { user: owner })
    await migrator.up()
    await assert.rejects(migrator.down(), /row-level security/)
    assert.deepEqual(await scratch.query('select * from houses'), [{ id: 7 }])
  })

  test('a connection through a transaction pooler is refused: the lock would sit on another session', async (t) => {
    const scratch = await server.empty(t)
    // What such a pooler may do at any time: the transaction runs on another session than the statements before it.
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
