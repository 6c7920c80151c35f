import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { emptyDump } from '../../test/dumps.ts'
import { DataDirLockedError, openEmbedded } from './embedded.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-'))
after(() => rmSync(dir, { recursive: true, force: true }))

test('a second opening of the folder is refused and names the holder; after closing it works and the data is there', async () => {
  const first = await openEmbedded(dir)
  await first.pool.query('create table kept (n int)')
  await first.pool.query('insert into kept values (7)')
  await assert.rejects(openEmbedded(dir), (error: Error) => {
    assert.ok(error instanceof DataDirLockedError)
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
  const child = fork(join(import.meta.dirname, '../../test/embedded-writer.ts'), [dir], {
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

test('a broken client does not break the database behind it', async () => {
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump() })
  const client = await pool.connect()
  await client.query('begin')
  client.release(true)
  const { rows } = await pool.query('select 1 as one')
  assert.deepEqual(rows, [{ one: 1 }])
  await close()
})

test('what a client that was given up left behind, an aborted transaction and its statements, does not meet the next', async () => {
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

test('whoever wants the one connection waits for it, but not for ever', async () => {
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump(), acquire_ms: 100 })
  const client = await pool.connect()
  await assert.rejects(pool.query('select 1'), /^Error: timeout exceeded when trying to connect$/)
  const next = pool.query('select 1 as one')
  client.release()
  assert.deepEqual((await next).rows, [{ one: 1 }])
  await close()
})
