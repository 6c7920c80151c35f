// What requests reserve, whom that refuses, and that it is given back however a request ends. No database takes part.
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
import { installAnswerMemory } from './answer-memory.ts'
import { installErrors } from './error-envelope.ts'
import { createHttpServer } from './server.ts'

const mebibyte = 2 ** 20
/** More than the buffers of a connection take, at both of its ends. */
const large = 'x'.repeat(16 * mebibyte)
const limits = { person_bytes: 40 * mebibyte, total_bytes: 100 * mebibyte }

const { log, warnings } = recordingLog()
/** Who 'slow' is takes until then to find out. */
const identified = Promise.withResolvers<void>()
const app = fastify({ serverFactory: createHttpServer, forceCloseConnections: true })
installErrors(app)
app.decorateRequest('identity')
app.addHook('onRequest', async (request) => {
  const user_id = request.headers['x-person']
  if (user_id === 'slow') await identified.promise
  if (typeof user_id === 'string') request.identity = { user_id } as Identity
})
installAnswerMemory(app, log, limits)
const made: string[] = []
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
  made.push('one')
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

const isFree = () => app.answerMemory().bytes === 0 && app.answerMemory().holders === 0

const text = (path: string, person = 'ann', method = 'GET') =>
  `${method} ${path} HTTP/1.1\r\nHost: roost.example\r\nX-Person: ${person}\r\n${method === 'POST' ? 'Content-Length: 0\r\n' : ''}\r\n`

async function ask(path: string, person = 'ann', method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'x-person': person } })
  return { status: reply.status, headers: reply.headers, body: await reply.text() }
}

/** Asks, does not read, and waits until the answer is reserved for. */
async function hold(path: string, person: string, bytes: number, method = 'GET') {
  const before = app.answerMemory().bytes
  const answer = askWithoutReading(port, text(path, person, method))
  await until(() => app.answerMemory().bytes >= before + bytes)
  return answer
}

const ends: Readonly<Record<string, () => Promise<unknown>>> = {
  answered: () => ask('/small'),
  'answered with a large body': () => ask('/large'),
  'answered without a body': () => ask('/empty'),
  'answered to HEAD': () => ask('/large', 'ann', 'HEAD'),
  'answered by a stream': () => ask('/stream'),
  'an unknown path': () => ask('/nowhere'),
  'a failure of the handler': () => ask('/broken'),
  'a change': () => ask('/large', 'ann', 'POST'),
  'the client leaves before the answer': async () => {
    const { socket } = await hold('/wait', 'ann', 1)
    socket.destroy()
    await until(isFree)
    for (const { resolve } of waiting) resolve('late')
  },
  'the client leaves in the middle of the answer': async () => (await hold('/large', 'ann', mebibyte)).socket.destroy(),
  'the client leaves in the middle of a stream': async () => (await hold('/endless', 'ann', mebibyte)).socket.destroy(),
  'the client leaves with requests queued on its connection': async () => {
    const { socket } = await hold('/wait', 'ann', 1)
    socket.write(text('/small') + text('/large') + text('/endless'))
    await until(() => app.answerMemory().bytes > 30 * mebibyte)
    socket.destroy()
  },
  'the request is refused by the limit itself': async () => {
    const held = await hold('/large', 'ann', mebibyte)
    assert.equal((await ask('/large')).status, 503)
    held.socket.destroy()
  },
}

for (const [name, end] of Object.entries(ends)) {
  test(`nothing stays reserved after: ${name}`, async () => {
    waiting = []
    assert.deepEqual(app.answerMemory(), { bytes: 0, holders: 0 })
    await end()
    await until(isFree)
  })
}

test('an answer over the limit of its person is 503 OVERLOADED with Retry-After; others are served', async () => {
  const held = await hold('/large', 'ann', mebibyte)
  const refused = await ask('/large')
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '1')
  assert.equal(JSON.parse(refused.body).error.code, 'OVERLOADED')
  assert.deepEqual([(await ask('/large', 'bob')).status, (await ask('/health/live')).status], [200, 200])
  held.socket.destroy()
  await until(isFree)
  assert.equal((await ask('/large')).status, 200)
  assert.deepEqual(warnings(), ['answers that are not read take all the memory there is for them'])
})

test('in all, large answers take three quarters at most; small ones are still given to everybody', async () => {
  const held = await Promise.all(['ann', 'bob'].map((person) => hold('/large', person, mebibyte)))
  await until(() => app.answerMemory().bytes > 60 * mebibyte)
  assert.equal((await ask('/large', 'cid')).status, 503)
  assert.equal((await ask('/medium', 'cid')).status, 200)
  for (const { socket } of held) socket.destroy()
})

test('a change that has been made is never answered with the refusal', async () => {
  await until(isFree)
  const held = await hold('/large', 'ann', mebibyte)
  made.length = 0
  const reply = await ask('/large', 'ann', 'POST')
  assert.deepEqual([reply.status, made.length], [200, 1])
  held.socket.destroy()
})

test('a client that leaves before it is known who it is has nothing reserved', async () => {
  await until(isFree)
  const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
  app.server.once('request', (_request, response: ServerResponse) => resolve(response))
  const { socket } = askWithoutReading(port, text('/small', 'slow'))
  const response = await asked
  socket.destroy()
  await until(() => response.destroyed)
  identified.resolve()
  await until(() => response.writableEnded)
  assert.ok(isFree())
})

test('a body is reserved for before it is read', async () => {
  await until(isFree)
  const head = 'POST /large HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n'
  const { socket } = askWithoutReading(port, head)
  await until(() => app.answerMemory().bytes > 60_000)
  socket.destroy()
  await until(isFree)
})
