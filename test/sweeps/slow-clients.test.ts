// Clients that send or read very slowly lose their connection; other clients are not affected.
// One engine is enough: this does not reach the database.
import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { cast } from '../harness.ts'
import { exchange } from '../raw-socket.ts'
import { incompleteRequests, sendSlowly } from '../slow-socket.ts'
import { until } from '../until.ts'

const mebibyte = 1024 * 1024
/** More than connections buffer, and more than a response without streaming may have. */
const large = () => Readable.from(Array.from({ length: 64 }, () => 'x'.repeat(mebibyte)))
/** About the size of a list of 100 bookings. */
const page = 'x'.repeat(mebibyte / 4)
const fixture = await cast({
  extend: (app) => {
    app.get('/large', { config: { open: true } }, async () => large())
    app.get('/page', { config: { open: true } }, async () => page)
  },
})
const { server } = fixture.app
const { headersTimeout, requestTimeout, timeout, keepAliveTimeout } = server
assert.deepEqual([headersTimeout, requestTimeout, timeout, keepAliveTimeout], [5000, 10_000, 30_000, 65_000])
// The same mechanism with shorter timeouts, which also hold for the other clients: long enough for them on a busy machine.
Object.assign(server, { headersTimeout: 3000, requestTimeout: 3000, timeout: 3000, keepAliveTimeout: 3000 })
await fixture.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = server.address() as AddressInfo
const live = 'GET /health/live HTTP/1.1\r\nHost: roost.example\r\n\r\n'

async function openConnections(): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}

test('600 slow connections with half a request are closed, and other clients are served', async () => {
  let taken = 0
  server.on('connection', () => {
    taken += 1
  })
  const slow_connections = Object.values(incompleteRequests).flatMap((text) =>
    Array.from({ length: 200 }, () => sendSlowly(port, text, 250)),
  )
  await until(() => taken >= 600)
  let served = 0
  await until(async () => {
    const { replies } = await exchange(port, { parts: [live] })
    assert.equal(replies[0]?.status, 200)
    served += 1
    return slow_connections.every(({ destroyed }) => destroyed)
  })
  assert.ok(served > 10)
  await until(async () => (await openConnections()) === 0)
})

test('a client that does not read its response loses the connection', async (t) => {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.pause()
  socket.write('GET /large HTTP/1.1\r\nHost: roost.example\r\n\r\n')
  await until(async () => (await openConnections()) === 1)
  await until(async () => (await openConnections()) === 0)
  const { replies } = await exchange(port, { parts: [live] })
  assert.equal(replies[0]?.status, 200)
})

test('200 clients that do not read their response use little memory and lose their connections', async (t) => {
  const before = process.memoryUsage.rss()
  let taken = 0
  server.on('connection', () => {
    taken += 1
  })
  const sockets = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET /page HTTP/1.1\r\nHost: roost.example\r\n\r\n')
  }
  let most = 0
  await until(async () => {
    most = Math.max(most, process.memoryUsage.rss() - before)
    return taken === 200 && (await openConnections()) === 0
  })
  assert.ok(most < 100 * mebibyte, `${most / mebibyte} MiB`)
})
