// Memory reservations of requests: limits, refusals, and release at every kind of end.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import fastify from 'fastify'
import { recordingLog } from '../../test/recording-log.ts'
import { askWithoutReading } from '../../test/unread-socket.ts'
import { until } from '../../test/until.ts'
import type { Identity } from '../core/auth/memberships.ts'
import { installErrors } from './error-envelope.ts'
import { installResponseMemory } from './response-memory.ts'
import { createHttpServer } from './server.ts'

const mebibyte = 2 ** 20
/** More than the socket buffers of both ends of a connection. */
const large = 'x'.repeat(16 * mebibyte)
const limits = { user_bytes: 40 * mebibyte, total_bytes: 100 * mebibyte }

const { log, warnings } = recordingLog()
/** Delays the authentication of the user 'slow'. */
const authenticated = Promise.withResolvers<void>()
const app = fastify({ serverFactory: createHttpServer, forceCloseConnections: true })
installErrors(app)
app.decorateRequest('identity')
app.addHook('onRequest', async (request) => {
  const user_id = request.headers['x-user']
  if (user_id === 'slow') await authenticated.promise
  if (typeof user_id === 'string') request.identity = { user_id } as Identity
})
installResponseMemory(app, log, limits)
const executed: string[] = []
let waiting: PromiseWithResolvers<string>[] = []
app.get('/large', async () => large)
app.get('/small', async () => 'small')
app.get('/medium', async () => 'x'.repeat(20_000))
app.get('/empty', async (_request, reply) => reply.code(304).send())
app.get('/broken', async () => {
  throw new Error('broken')
})
app.get('/stream', async () => new PassThrough().end('all of it'))
app.get('/endless', async () => endless())
app.get('/wait', () => {
  const answer = Promise.withResolvers<string>()
  waiting.push(answer)
  return answer.promise
})
app.get('/health/live', async () => 'yes')
app.post('/large', async () => {
  executed.push('one')
  return large
})
await app.listen({ port: 0, host: '127.0.0.1' })
after(() => app.close())
const { port } = app.server.address() as AddressInfo

function endless(): PassThrough {
  const stream = new PassThrough()
  stream.write('x'.repeat(mebibyte))
  return stream
}

const isFree = () => app.responseMemory().bytes === 0 && app.responseMemory().holders === 0

const text = (path: string, user = 'ann', method = 'GET') =>
  `${method} ${path} HTTP/1.1\r\nHost: roost.example\r\nX-User: ${user}\r\n${method === 'POST' ? 'Content-Length: 0\r\n' : ''}\r\n`

async function send(path: string, user = 'ann', method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'x-user': user } })
  return { status: reply.status, headers: reply.headers, body: await reply.text() }
}

/** Sends a request without reading the response, and waits until memory is reserved. */
async function requestWithoutReading(path: string, user: string, bytes: number, method = 'GET') {
  const before = app.responseMemory().bytes
  const answer = askWithoutReading(port, text(path, user, method))
  await until(() => app.responseMemory().bytes >= before + bytes)
  return answer
}

const ends: Readonly<Record<string, () => Promise<unknown>>> = {
  'a response': () => send('/small'),
  'a large response': () => send('/large'),
  'a response without a body': () => send('/empty'),
  'a response to HEAD': () => send('/large', 'ann', 'HEAD'),
  'a stream': () => send('/stream'),
  'an unknown route': () => send('/nowhere'),
  'an error of the handler': () => send('/broken'),
  'a mutation': () => send('/large', 'ann', 'POST'),
  'the client disconnects before the response': async () => {
    const { socket } = await requestWithoutReading('/wait', 'ann', 1)
    socket.destroy()
    await until(isFree)
    for (const { resolve } of waiting) resolve('late')
  },
  'the client disconnects during the response': async () =>
    (await requestWithoutReading('/large', 'ann', mebibyte)).socket.destroy(),
  'the client disconnects during a stream': async () =>
    (await requestWithoutReading('/endless', 'ann', mebibyte)).socket.destroy(),
  'the client disconnects with pipelined requests': async () => {
    const { socket } = await requestWithoutReading('/wait', 'ann', 1)
    socket.write(text('/small') + text('/large') + text('/endless'))
    await until(() => app.responseMemory().bytes > 30 * mebibyte)
    socket.destroy()
  },
  'the request is refused because of the limit': async () => {
    const held = await requestWithoutReading('/large', 'ann', mebibyte)
    assert.equal((await send('/large')).status, 503)
    held.socket.destroy()
  },
}

for (const [name, end] of Object.entries(ends)) {
  test(`nothing stays reserved after: ${name}`, async () => {
    waiting = []
    assert.deepEqual(app.responseMemory(), { bytes: 0, holders: 0 })
    await end()
    await until(isFree)
  })
}

test('a response over the limit of its user is 503 OVERLOADED; other users are not affected', async () => {
  const held = await requestWithoutReading('/large', 'ann', mebibyte)
  const refused = await send('/large')
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '1')
  assert.equal(JSON.parse(refused.body).error.code, 'OVERLOADED')
  assert.deepEqual([(await send('/large', 'bob')).status, (await send('/health/live')).status], [200, 200])
  held.socket.destroy()
  await until(isFree)
  assert.equal((await send('/large')).status, 200)
  assert.deepEqual(warnings(), ['unread responses use all the memory that is available for them'])
})

test('large responses use at most three quarters of the total; small ones are still sent', async () => {
  const held = await Promise.all(['ann', 'bob'].map((user) => requestWithoutReading('/large', user, mebibyte)))
  await until(() => app.responseMemory().bytes > 60 * mebibyte)
  assert.equal((await send('/large', 'cid')).status, 503)
  assert.equal((await send('/medium', 'cid')).status, 200)
  for (const { socket } of held) socket.destroy()
})

test('the response of an executed mutation is never refused', async () => {
  await until(isFree)
  const held = await requestWithoutReading('/large', 'ann', mebibyte)
  executed.length = 0
  const reply = await send('/large', 'ann', 'POST')
  assert.deepEqual([reply.status, executed.length], [200, 1])
  held.socket.destroy()
})

test('nothing is reserved for a client that disconnects during authentication', async () => {
  await until(isFree)
  const { promise: started, resolve } = Promise.withResolvers<ServerResponse>()
  app.server.once('request', (_request, response: ServerResponse) => resolve(response))
  const { socket } = askWithoutReading(port, text('/small', 'slow'))
  const response = await started
  socket.destroy()
  await until(() => response.destroyed)
  authenticated.resolve()
  await until(() => response.writableEnded)
  assert.ok(isFree())
})

test('memory for a body is reserved before it is read', async () => {
  await until(isFree)
  const head = 'POST /large HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n'
  const { socket } = askWithoutReading(port, head)
  await until(() => app.responseMemory().bytes > 60_000)
  socket.destroy()
  await until(isFree)
})
