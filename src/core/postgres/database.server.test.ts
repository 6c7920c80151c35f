// No transaction stays open on a server, after slow handlers and disconnected clients.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { until } from '../../../test/until.ts'
import { createRandom } from '../../commands/verify/overlap/statistics.ts'

const fixture = await cast({
  extend: (app, { db }) => {
    app.get('/slow-transaction', { config: { can: 'ops:read' } }, ({ actor }) =>
      db.tenantTx(actor, async (tx) => {
        await tx.query(sql`select set_config('idle_in_transaction_session_timeout', '200', true)`)
        await until(async () => (await open(`state = 'idle in transaction'`)) === 0)
        return tx.query(sql`select 1`)
      }),
    )
  },
})
const { owner } = fixture.store
const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const

/** The number of sessions of the API that match the condition. */
async function open(condition: string): Promise<number> {
  const { rows } = await owner.query(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and usename = 'roost_test_api' and (${condition})`,
  )
  return rows[0]?.n as number
}

test('every transaction has its lock, statement and idle timeouts', async () => {
  const names = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout']
  const settings = sql`select array(select current_setting(name) from unnest(${names}::text[]) as name) as limits`
  const expected = { limits: ['2s', '5s', '10s'] }
  const { db } = fixture.store
  assert.deepEqual(await db.tenantTx(actor, (tx) => tx.one(settings)), expected)
  assert.deepEqual(await db.tenantRead(actor, (tx) => tx.one(settings)), expected)
  assert.deepEqual(await db.systemTx((tx) => tx.one(settings)), expected)
  assert.deepEqual(await db.systemRead((tx) => tx.one(settings)), expected)
})

test('a scan has a statement timeout of 2 s, no parallel workers and no JIT', async () => {
  const names = ['lock_timeout', 'statement_timeout', 'max_parallel_workers_per_gather', 'jit']
  const settings = sql`select array(select current_setting(name) from unnest(${names}::text[]) as name) as limits`
  const limits = { limits: ['1s', '2s', '0', 'off'] }
  assert.deepEqual(await fixture.store.db.tenantRead(actor, (tx) => tx.one(settings), 'scan'), limits)
})

test('an idle transaction is ended by the server: 503, and the pool still works', async () => {
  const reply = await fixture.admin.get('/slow-transaction')
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'DB_UNAVAILABLE'])
  assert.equal(await open(`state like 'idle in transaction%'`), 0)
  assert.equal((await fixture.admin.get('properties')).status, 200)
})

test('300 clients that disconnect during a mutation leave no transaction and no partial data', async (t) => {
  await fixture.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = fixture.app.server.address() as AddressInfo
  const { token } = await fixture.tokens.issue({ user_id: players.manager.user_id })
  const random = createRandom(11)
  const seen = { begun: 0 }
  const acknowledged: string[] = []
  fixture.app.server.on('request', () => {
    seen.begun += 1
  })
  const disconnect = async (n: number) => {
    const body = JSON.stringify({ name: `Left ${n}`, property_type: 'house', max_guests: 2 })
    const head = `POST /api/v1/properties HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    const request = head + body
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(
      n % 3 === 0 && n % 10 !== 1 ? request.slice(0, head.length + Math.floor(random() * body.length)) : request,
    )
    if (n % 10 === 1) {
      const [reply] = await once(socket, 'data')
      assert.match(String(reply), /^HTTP\/1.1 201 /)
      acknowledged.push(`Left ${n}`)
      socket.destroy()
    } else setTimeout(() => (n % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()), random() * 100)
    await closed
  }
  for (let n = 0; n < 300; n += 30) await Promise.all(Array.from({ length: 30 }, (_, i) => disconnect(n + i)))
  assert.ok(seen.begun > 100, 'the requests had started')
  const busy = `state like 'idle in transaction%' or state = 'active'`
  await until(async () => (await open(busy)) === 0)
  const { rows } = await owner.query(`
    select p.name, count(a.id)::int as entries from properties p left join audit_log a on a.entity_id = p.id
    where p.name like 'Left %' group by p.name, p.id`)
  const names = new Set(rows.map(({ name }) => name))
  assert.deepEqual(
    [names.size, rows.filter(({ entries }) => entries !== 1)],
    [rows.length, []],
    'each is saved once and audited',
  )
  assert.ok(acknowledged.length > 0 && acknowledged.every((name) => names.has(name)), 'every acknowledged one is saved')
  t.diagnostic(`${rows.length} of 300 saved, ${acknowledged.length} of them acknowledged`)
  assert.ok((await open('true')) <= 10)
  assert.equal((await fixture.manager.get('properties')).status, 200)
})
