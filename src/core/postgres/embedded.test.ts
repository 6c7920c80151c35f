// The embedded database: lock, crash safety, file modes, full disks, and its single connection.
import assert from 'node:assert/strict'
import { execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { emptyDump } from '../../../test/dumps.ts'
import { DataDirError } from './data-folder.ts'
import { openEmbedded } from './embedded.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-'))
after(() => rmSync(dir, { recursive: true, force: true }))

test('a second open of a folder names the process; after close the folder opens with its data', async () => {
  const first = await openEmbedded(dir, { dump: await emptyDump() })
  await first.pool.query('create table kept (n int)')
  await first.pool.query('insert into kept values (7)')
  await assert.rejects(openEmbedded(dir), (error: Error) => {
    assert.ok(error instanceof DataDirError)
    assert.match(error.message, new RegExp(`process ${process.pid}`))
    return true
  })
  await first.close()
  const second = await openEmbedded(dir)
  const { rows } = await second.pool.query('select n from kept')
  assert.deepEqual(rows, [{ n: 7 }])
  await second.close()
})

test('a committed row survives kill -9 of the process, and the folder can be opened again', async () => {
  const child = fork(join(import.meta.dirname, '../../../test/embedded-writer.ts'), [dir], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [count] = (await once(child, 'message')) as [number]
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.ok(count >= 100)
  const again = await openEmbedded(dir)
  const { rows } = await again.pool.query('select count(*)::int as n from written')
  assert.ok(rows[0].n >= count, `${rows[0].n} of ${count} acknowledged rows`)
  await again.close()
})

test('a discarded client does not affect the database', async () => {
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump() })
  const client = await pool.connect()
  await client.query('begin')
  client.release(true)
  const { rows } = await pool.query('select 1 as one')
  assert.deepEqual(rows, [{ one: 1 }])
  await close()
})

test('a new client has no transaction and no prepared statements of a discarded client', async () => {
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump() })
  const prepared = { name: 'one', text: 'select 1 as one' }
  for (let round = 0; round < 3; round++) {
    const client = await pool.connect()
    await client.query(prepared)
    await client.query('begin')
    await assert.rejects(client.query('select 1 / 0'), { code: '22012' })
    await assert.rejects(client.query('select 1'), { code: '25P02' })
    client.release(true)
    const { rows } = await pool.query(prepared)
    assert.deepEqual(rows, [{ one: 1 }])
  }
  await close()
})

test('callers wait for the single connection up to acquire_ms', async () => {
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump(), acquire_ms: 100 })
  const client = await pool.connect()
  await assert.rejects(pool.query('select 1'), /^Error: timeout exceeded when trying to connect$/)
  const next = pool.query('select 1 as one')
  client.release()
  assert.deepEqual((await next).rows, [{ one: 1 }])
  await close()
})

const opener = join(import.meta.dirname, '../../../test/embedded-opener.ts')
const full_disk = import.meta.resolve('../../../test/full-disk.ts')

/** Runs test/embedded-opener.ts. With `flag` the disk is full while that file exists. */
/** A folder with an empty database. Creating one without a dump takes three seconds. */
async function newFolder(name: string): Promise<string> {
  const own = join(dir, name)
  const { close } = await openEmbedded(own, { dump: await emptyDump() })
  await close()
  return own
}

function runOpener(args: string[], flag?: string): Promise<{ code: unknown; err: string }> {
  const flags = flag === undefined ? [] : ['--import', full_disk]
  const env = { ...process.env, ...(flag !== undefined && { FULL_DISK: flag }) }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, opener, ...args],
      { env, timeout: 300_000, killSignal: 'SIGKILL' },
      (error, _out, err) => resolve({ code: error === null ? 0 : (error.code ?? error.signal), err }),
    )
  })
}

/** The files and folders on which other users have rights. */
function accessibleByOthers(parent: string): string[] {
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(parent)
    .filter((path) => (lstatSync(path).mode & 0o077) !== 0)
}

const posix = { skip: process.getuid === undefined && 'the platform has no file modes' }

test('other users have no rights in the folder, whatever the umask; existing rights are removed', posix, async () => {
  const own = join(dir, 'modes')
  const umask = process.umask(0)
  try {
    const first = await openEmbedded(own)
    await first.pool.query('create table t as select n from generate_series(1, 1000) n')
    await first.close()
    assert.deepEqual(accessibleByOthers(own), [])
    chmodSync(own, 0o755)
    chmodSync(join(own, 'postgres'), 0o775)
    chmodSync(join(own, 'postgres/PG_VERSION'), 0o666)
    const repairs: number[] = []
    const second = await openEmbedded(own, { onRepair: (entries) => repairs.push(entries) })
    await second.close()
    assert.deepEqual(repairs, [2])
    assert.deepEqual(accessibleByOthers(own), [])
  } finally {
    process.umask(umask)
  }
})

test('a second process is refused while the first runs, and can open the folder after a kill', async () => {
  const own = await newFolder('shared')
  const args = [process.execPath, opener, own, 'hold']
  // As root the process has its own PID namespace, like another container, so its process id is not valid here.
  const command =
    process.getuid?.() === 0 && existsSync('/usr/bin/unshare') ? ['unshare', '-pf', '--kill-child', ...args] : args
  const holder = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  for (let n = 0; n < 3; n += 1) {
    const { code, err } = await runOpener([own, 'close'])
    assert.equal(code, 2)
    assert.match(
      err,
      /^the embedded database in \S+ is in use by process \d+ on \S+, started \S+: stop it, or set DATA_DIR/,
    )
  }
  holder.kill('SIGKILL')
  // Emitted when the inner process has ended too: both have the pipe.
  await once(holder, 'close')
  const after = await runOpener([own, 'close'])
  assert.deepEqual(after, { code: 0, err: '' })
})

test('a lock file that cannot be opened is a DataDirError', async () => {
  const own = join(dir, 'no-lock')
  mkdirSync(join(own, 'lock.db'), { recursive: true })
  await assert.rejects(openEmbedded(own), (error: Error) => {
    assert.ok(error instanceof DataDirError)
    assert.match(error.message, /^cannot lock \S+lock\.db: /)
    return true
  })
})

test('a full disk ends the process with one line; committed rows are kept', async () => {
  const own = await newFolder('full')
  const flag = join(dir, 'is-full')
  const { code, err } = await runOpener([own, 'write', flag], flag)
  assert.equal(code, 2)
  assert.match(
    err,
    /^the embedded database in \S+ cannot go on: the disk is full \(ENOSPC\)\. [^\n]+ then start again\.\n$/,
  )
  const again = await runOpener([own, 'close'], flag)
  assert.match(again.err, /^the embedded database in \S+ cannot (go on|start): the disk is full[^\n]+\n$/)
  rmSync(flag)
  const whole = await openEmbedded(own)
  const { rows } = await whole.pool.query('select count(*)::int as n from t')
  assert.deepEqual(rows, [{ n: 3000 }])
  await whole.close()
})

test('a first start on a full disk fails with one line; the next start creates the database', async () => {
  const own = join(dir, 'first')
  const flag = join(dir, 'is-full')
  writeFileSync(flag, '')
  const empty = await runOpener([own, 'close'], flag)
  assert.equal(empty.code, 2)
  assert.match(empty.err, /^cannot write \S+unfinished: the disk is full \(ENOSPC\)\n$/)
  // The disk becomes full later, while the database is being created.
  writeFileSync(join(own, 'unfinished'), '')
  const interrupted = await runOpener([own, 'close'], flag)
  assert.equal(interrupted.code, 2)
  assert.match(interrupted.err, /^the embedded database in \S+ cannot start: the disk is full \(ENOSPC\)[^\n]+\n$/)
  rmSync(flag)
  assert.deepEqual(await runOpener([own, 'close']), { code: 0, err: '' })
  assert.equal(existsSync(join(own, 'unfinished')), false)
})

test('a database whose creation was interrupted is created again', async () => {
  const own = join(dir, 'cut')
  const child = spawn(process.execPath, [opener, own, 'close'], { stdio: 'ignore' })
  const isCreating = () => existsSync(join(own, 'postgres/global'))
  while (!isCreating()) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await once(child, 'exit')
  const { pool, close } = await openEmbedded(own)
  assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
  await close()
})
