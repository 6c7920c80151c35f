// A transaction that may have been committed is not retried after a stale statement.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { openServerDatabase, openTestStore, serverUrl } from '../../../test/engines.ts'
import { startProxy } from '../../../test/tcp-proxy.ts'

test('a transaction with a stale statement runs once when the result of COMMIT is lost', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  let is_cutting = false
  let cut = 0
  const proxy = await startProxy(Number(new URL(serverUrl).port || 5432), (from, chunk) => {
    if (!is_cutting || from === 'server' || !chunk.includes('commit')) return 'pass'
    cut += 1
    return 'cut'
  })
  t.after(() => proxy.close())
  const db = openServerDatabase(Object.assign(new URL(store.url ?? ''), { port: proxy.port }).href, 1)
  t.after(() => db.close())
  await store.owner.query('create table codes (code integer); grant select on codes to roost_tenant')
  const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const
  let runs = 0
  let stale = 0
  const mutate = () =>
    db.tenantTx(actor, async (tx) => {
      runs += 1
      await tx
        .savepoint(() => tx.query(sql`select code from codes`))
        .catch(() => {
          stale += 1
        })
      await tx.query(sql`update agencies set name = name where id = ${tx.agency_id}`)
    })
  await mutate()
  await store.owner.query('alter table codes alter column code type bigint')
  is_cutting = true
  runs = 0
  await assert.rejects(mutate(), { code: 'COMMIT_UNKNOWN' })
  assert.deepEqual([stale, cut, runs], [1, 1, 1])
})
