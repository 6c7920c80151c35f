// Clients that do not take their answers lose the connection; those who take them, or wait for the process, keep it.
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { until } from '../../test/until.ts'
import { watchConnections } from './connections.ts'

const mebibyte = 2 ** 20
const large = Buffer.alloc(64 * mebibyte, 'x')
const patient = { pipelined: 16, look_ms: 20, stall_looks: 10_000, window_looks: 10_000, window_bytes: mebibyte }

/** A server of the test's own, and what it has begun to answer. */
async function serve(t: TestContext, limits: object, answer: (response: ServerResponse) => void) {
  const begun: ServerResponse[] = []
  const server = createServer((_request, response) => {
    if (!mayBegin(response)) return
    begun.push(response)
    answer(response)
  })
  const mayBegin = watchConnections(server, { ...patient, ...limits })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, begun }
}

const request = 'GET / HTTP/1.1\r\nHost: roost.example\r\n\r\n'

function client(t: TestContext, port: number, requests = 1): Socket {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(request.repeat(requests))
  return socket
}

test('a client that takes nothing loses its connection', async (t) => {
  const { port, begun } = await serve(t, { stall_looks: 15 }, (response) => response.end(large))
  client(t, port)
  await until(() => begun[0]?.destroyed)
})

test('a client that takes a little now and then loses it as well', async (t) => {
  const { port, begun } = await serve(t, { window_looks: 20, window_bytes: 32 * mebibyte }, (response) =>
    response.end(large),
  )
  const socket = client(t, port)
  const sip = setInterval(() => socket.read(10_000), 20)
  t.after(() => clearInterval(sip))
  await until(() => begun[0]?.destroyed)
  assert.ok(socket.bytesRead < large.length)
})

test('a client that takes everything keeps its connection, however often it is looked at', async (t) => {
  const { port, begun } = await serve(t, { stall_looks: 15, window_looks: 15, window_bytes: 1 }, (response) =>
    response.end(large),
  )
  const socket = client(t, port).resume()
  await until(() => begun[0]?.writableFinished)
  socket.write(request)
  await until(() => begun[1]?.writableFinished)
})

test('a client that waits for the process keeps its connection', async (t) => {
  const { port, begun } = await serve(t, { stall_looks: 2, window_looks: 2 }, () => {})
  const socket = client(t, port).resume()
  await until(() => begun.length === 1)
  const began = performance.now()
  await until(() => performance.now() - began > 500)
  begun[0]?.end('at last')
  await until(() => socket.bytesRead > 0)
})

test('16 requests may wait for their answers on one connection; one more closes it', async (t) => {
  const { port, begun } = await serve(t, {}, () => {})
  const within = client(t, port, 16)
  await until(() => begun.length === 16)
  const over = client(t, port, 17)
  await until(() => over.closed)
  assert.equal(begun.length, 32)
  assert.equal(within.closed, false)
})

test('a connection serves any number of requests one after the other', async (t) => {
  const { port, begun } = await serve(t, {}, (response) => response.end('x'))
  const socket = client(t, port).resume()
  for (let n = 1; n < 50; n += 1) {
    await until(() => begun.length === n && begun.every(({ closed }) => closed))
    socket.write(request)
  }
  await until(() => begun.length === 50)
})

test('every answer that is due is closed with its connection, also those that wait for their turn', async (t) => {
  const closed = new Set<ServerResponse>()
  const { port, begun } = await serve(t, {}, (response) => {
    response.once('close', () => closed.add(response))
    if (begun.length > 1) response.end('waits for the first')
  })
  const socket = client(t, port, 5)
  await until(() => begun.length === 5)
  assert.equal(closed.size, 0)
  socket.destroy()
  await until(() => closed.size === 5)
})
