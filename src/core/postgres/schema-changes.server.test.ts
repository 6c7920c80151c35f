// Proves that a change whose COMMIT may have been saved is never carried out again because of a schema change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { openServerDatabase, openTestStore, serverUrl } from '../../../test/engines.ts'
import { startProxy } from '../../../test/tcp-proxy.ts'

test('a change with an outdated statement in it runs once when the answer to COMMIT is lost', async (t) => {
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
  await store.owner.query('create table codes (code integer); grant select on codes to authenticated')
  const actor = { agency_id: north, role: 'admin', user_id: players.admin.user_id } as const
  let runs = 0
  let outdated = 0
  const change = () =>
    db.tenantTx(actor, async (tx) => {
      runs += 1
      await tx
        .attempt(() => tx.query(sql`select code from codes`))
        .catch(() => {
          outdated += 1
        })
      await tx.query(sql`update agencies set name = name where id = ${tx.agency_id}`)
    })
  await change()
  await store.owner.query('alter table codes alter column code type bigint')
  is_cutting = true
  runs = 0
  await assert.rejects(change(), { code: 'COMMIT_UNKNOWN' })
  assert.deepEqual([outdated, cut, runs], [1, 1, 1])
})
