// Connections of clients that read too slowly are closed; others stay open.
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { until } from '../../test/until.ts'
import { watchConnections } from './connections.ts'

const mebibyte = 2 ** 20
const large = Buffer.alloc(64 * mebibyte, 'x')
const no_limits = {
  pipelined: 16,
  check_interval_ms: 20,
  stall_checks: 10_000,
  window_checks: 10_000,
  window_bytes: mebibyte,
}

/** A server, and the responses it has started. */
async function serve(t: TestContext, limits: object, respond: (response: ServerResponse) => void) {
  const begun: ServerResponse[] = []
  const server = createServer((_request, response) => {
    if (!registerRequest(response)) return
    begun.push(response)
    respond(response)
  })
  const registerRequest = watchConnections(server, { ...no_limits, ...limits })
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

test('the connection of a client that reads nothing is closed', async (t) => {
  const { port, begun } = await serve(t, { stall_checks: 15 }, (response) => response.end(large))
  client(t, port)
  await until(() => begun[0]?.destroyed)
})

test('the connection of a client that reads too slowly is closed', async (t) => {
  const { port, begun } = await serve(t, { window_checks: 20, window_bytes: 32 * mebibyte }, (response) =>
    response.end(large),
  )
  const socket = client(t, port)
  const slow_reader = setInterval(() => socket.read(10_000), 20)
  t.after(() => clearInterval(slow_reader))
  await until(() => begun[0]?.destroyed)
  assert.ok(socket.bytesRead < large.length)
})

test('the connection of a client that reads everything stays open', async (t) => {
  const { port, begun } = await serve(t, { stall_checks: 15, window_checks: 15, window_bytes: 1 }, (response) =>
    response.end(large),
  )
  const socket = client(t, port).resume()
  await until(() => begun[0]?.writableFinished)
  socket.write(request)
  await until(() => begun[1]?.writableFinished)
})

test('a connection stays open while the client waits for the response', async (t) => {
  const { port, begun } = await serve(t, { stall_checks: 2, window_checks: 2 }, () => {})
  const socket = client(t, port).resume()
  await until(() => begun.length === 1)
  const began = performance.now()
  await until(() => performance.now() - began > 500)
  begun[0]?.end('at last')
  await until(() => socket.bytesRead > 0)
})

test('a connection can have 16 pending requests; one more closes it', async (t) => {
  const { port, begun } = await serve(t, {}, () => {})
  const within = client(t, port, 16)
  await until(() => begun.length === 16)
  const above = client(t, port, 17)
  await until(() => above.closed)
  assert.equal(begun.length, 32)
  assert.equal(within.closed, false)
})

test('a connection can send any number of sequential requests', async (t) => {
  const { port, begun } = await serve(t, {}, (response) => response.end('x'))
  const socket = client(t, port).resume()
  for (let n = 1; n < 50; n += 1) {
    await until(() => begun.length === n && begun.every(({ closed }) => closed))
    socket.write(request)
  }
  await until(() => begun.length === 50)
})

test('all pending responses are closed with their connection', async (t) => {
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
