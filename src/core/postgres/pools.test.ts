// A server that ends a session at any moment does not end this process.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import sql from 'sql-template-tag'
import { message, ready, startFakePostgres } from '../../../test/fake-postgres.ts'
import { createBreaker } from './breaker.ts'
import { createDatabase, type Database } from './database.ts'
import { openServerPool } from './pools.ts'

const welcome = Buffer.concat([message('R', Buffer.alloc(4)), ready])
const terminated = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')

async function databaseOn(t: TestContext, packet: Buffer): Promise<Database> {
  const server = await startFakePostgres({ onConnect: (socket) => socket.end(packet) })
  const breaker = createBreaker({ probe: async () => {} })
  const db = createDatabase({ pool: openServerPool({ url: server.url, size: 2 }), breaker, prepared: true })
  t.after(async () => {
    await db.close()
    await server.close()
  })
  return db
}

for (const [when, packet] of [
  ['right after the handshake', Buffer.concat([welcome, terminated])],
  ['during the handshake', terminated],
] as const) {
  test(`a session that the server ends ${when} answers DB_UNAVAILABLE`, async (t) => {
    const db = await databaseOn(t, packet)
    await assert.rejects(
      db.systemTx((tx) => tx.query(sql`select 1`)),
      { code: 'DB_UNAVAILABLE' },
    )
  })
}
