// The database on a server: which connection URL is used for what.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPostgresStore, silent } from '../test/engines.ts'
import { parseConfig } from './config.ts'
import { openStore } from './store.ts'

test('notifications are received through LISTEN_DATABASE_URL', async (t) => {
  const server = await openPostgresStore({ pool_size: 2 })
  t.after(() => server.close())
  const unreachable = 'postgres://nobody@127.0.0.1:1/nothing'
  const config = parseConfig({
    DATABASE_URL: unreachable,
    LISTEN_DATABASE_URL: server.url ?? '',
    JWT_SECRET: 'x'.repeat(40),
  })
  const store = await openStore(config, silent)
  t.after(() => store.close())
  const received = Promise.withResolvers<string>()
  const connection = await store.listen?.('roost_people', received.resolve)
  t.after(() => connection?.close())
  await server.owner.query("select pg_notify('roost_people', 'payload')")
  assert.equal(await received.promise, 'payload')
  await assert.rejects(async () => store.probe())
})
