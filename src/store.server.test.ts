// The deployment's database on a server: which of its addresses is asked for what.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPostgresStore, silent } from '../test/engines.ts'
import { parseConfig } from './config.ts'
import { openStore } from './store.ts'

test('changes are heard at LISTEN_DATABASE_URL, where a pooler passes none on', async (t) => {
  const server = await openPostgresStore({ pool_size: 2 })
  t.after(() => server.close())
  const nowhere = 'postgres://nobody@127.0.0.1:1/nothing'
  const config = parseConfig({
    DATABASE_URL: nowhere,
    LISTEN_DATABASE_URL: server.url ?? '',
    JWT_SECRET: 'x'.repeat(40),
  })
  const store = await openStore(config, silent)
  t.after(() => store.close())
  const heard = Promise.withResolvers<string>()
  const listening = await store.listen?.('roost_people', heard.resolve)
  t.after(() => listening?.close())
  await server.owner.query("select pg_notify('roost_people', 'somebody')")
  assert.equal(await heard.promise, 'somebody')
  await assert.rejects(async () => store.probe())
})
