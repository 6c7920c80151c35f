// Proves that a server may end a session at any moment without ending this process.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import sql from 'sql-template-tag'
import { message, ready, startFakePostgres } from '../../../test/fake-postgres.ts'
import { createBreaker } from './breaker.ts'
import { createDatabase, type Database } from './database.ts'
import { openServer } from './pools.ts'

const welcome = Buffer.concat([message('R', Buffer.alloc(4)), ready])
const goodbye = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')

async function databaseOn(t: TestContext, packet: Buffer): Promise<Database> {
  const server = await startFakePostgres({ onConnect: (socket) => socket.end(packet) })
  const breaker = createBreaker({ probe: async () => {} })
  const db = createDatabase({ pool: openServer({ url: server.url, size: 2 }), breaker, prepared: true })
  t.after(async () => {
    await db.close()
    await server.close()
  })
  return db
}

for (const [when, packet] of [
  ['with its greeting', Buffer.concat([welcome, goodbye])],
  ['instead of a greeting', goodbye],
] as const) {
  test(`a session that the server ends ${when} is a database that is away, and nothing worse`, async (t) => {
    const db = await databaseOn(t, packet)
    await assert.rejects(
      db.systemTx((tx) => tx.query(sql`select 1`)),
      { code: 'DB_UNAVAILABLE' },
    )
  })
}
