// Malformed requests on a real socket: each gets the error envelope, none hangs, the server stays up.
// One engine is enough: this does not reach the database.
import assert from 'node:assert/strict'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { players } from '../cast.ts'
import { cast } from '../harness.ts'
import { chunked, getAs, host, json, live, login, mebibyte, postAs, rawRequests } from '../raw-requests.ts'
import { errorIn, exchange } from '../raw-socket.ts'
import { until } from '../until.ts'

const fixture = await cast()
await fixture.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = fixture.app.server.address() as AddressInfo
const { token } = await fixture.tokens.issue({ user_id: players.manager.user_id })

const cases = rawRequests(token)
const get = (url: string) => getAs(token, url)
const post = (headers: string, body: string) => postAs(token, headers, body)

test('there are enough malformed requests', () => {
  assert.ok(Object.keys(cases).length >= 70)
})

for (const [name, { send, status, code }] of Object.entries(cases)) {
  test(`${name}: ${status} ${code}, in the envelope`, async () => {
    const { replies, rest } = await exchange(port, { parts: [send] })
    const error = errorIn(replies[0])
    assert.deepEqual([replies[0]?.status, error.code, replies.length, rest], [status, code, 1, ''])
    if (status === 405) assert.ok('allow' in (replies[0]?.headers ?? {}))
  })
}

test('405 has the Allow header with the methods of the path', async () => {
  const { replies } = await exchange(port, { parts: [`PUT /api/v1/properties/1 HTTP/1.1\r\n${host}\r\n`] })
  assert.equal(replies[0]?.headers.allow, 'DELETE, GET, HEAD, PATCH')
})

test('none of the requests created a property or changed a prototype', async () => {
  const { body } = await fixture.manager.get('properties')
  assert.equal(body.items.length, 3)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

test('Expect: 100-continue is answered, and the body is read', async () => {
  const wait = login(`${json}Expect: 100-continue\r\nContent-Length: 2\r\n`)
  const { replies } = await exchange(port, { parts: [wait, '{}'], until: 2 })
  assert.deepEqual(
    replies.map(({ status }) => status),
    [100, 422],
  )
})

test('HTTP 1.0 without Host, an absolute URL and an Upgrade header are served', async () => {
  const upgrade = `GET /health/live HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  for (const send of [
    'GET /health/live HTTP/1.0\r\n\r\n',
    live.replace('/health', 'http://roost.example/health'),
    upgrade,
  ]) {
    const { replies } = await exchange(port, { parts: [send] })
    assert.deepEqual([replies[0]?.status, replies[0]?.text], [200, '{"status":"ok"}'])
  }
})

test('HEAD of an error has the headers of the GET and no body', async () => {
  for (const [path, status] of [
    ['/nope', 404],
    ['/api/v1/me', 401],
    ['/api/v1/%zz', 400],
  ] as const) {
    const request = (method: string) => `${method} ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
    const head = await exchange(port, { parts: [request('HEAD')], until: 'close', is_head: true })
    const full = await exchange(port, { parts: [request('GET')], until: 'close' })
    assert.deepEqual([head.replies[0]?.status, head.rest, full.replies[0]?.status], [status, '', status])
    assert.equal(head.replies[0]?.headers['content-length'], full.replies[0]?.headers['content-length'])
  }
})

test('garbage after a valid request: the valid one gets its response, then the garbage gets 400', async () => {
  for (const first of [live, get('/api/v1/me'), get('/api/v1/properties')]) {
    for (const [then, code] of [
      ['GARBAGE\r\n\r\n', 'BAD_REQUEST'],
      [login(`${json}${chunked}`, 'zz\r\n'), 'BAD_REQUEST'],
      [`CONNECT a:443 HTTP/1.1\r\n${host}\r\n`, 'METHOD_NOT_ALLOWED'],
    ] as const) {
      const [good, bad, ...more] = (await exchange(port, { parts: [`${first}${then}`], until: 'close' })).replies
      assert.equal(good?.status, 200)
      assert.equal(errorIn(bad).code, code)
      assert.deepEqual(more, [])
    }
  }
})

test('garbage in the body of a request that was already answered gets no second response', async () => {
  const early = `POST /api/v1/properties HTTP/1.1\r\n${host}${json}${chunked}\r\n`
  let sendGarbage = () => {}
  const replied = new Promise<void>((resolve) => {
    sendGarbage = resolve
  })
  fixture.app.server.once('request', (_request, response) => response.once('finish', sendGarbage))
  const { replies } = await exchange(port, { parts: [early, () => replied, 'zz\r\n'], until: 'close' })
  assert.deepEqual(
    replies.map(({ status }) => status),
    [401],
  )
})

/** Ambiguous requests (request smuggling). The part that could be read as a second request is never executed. */
const smuggled = `0\r\n\r\n${live}`
const ambiguous = [
  login(`${json}${chunked}Content-Length: ${smuggled.length}\r\n`, smuggled),
  login(`${json}Content-Length: ${smuggled.length}\r\n${chunked}`, smuggled),
  login(`${json}Content-Length: 5\r\nContent-Length: ${smuggled.length}\r\n`, smuggled),
  login(`${json}Content-Length: 5, 5\r\n`, smuggled),
  login(`${json}Transfer-Encoding: identity, chunked, identity\r\n`, smuggled),
  login(`${json}Transfer-Encoding:\u000bchunked\r\n`, smuggled),
  login(`${json}X: a\nTransfer-Encoding: chunked\r\nContent-Length: ${smuggled.length}\r\n`, smuggled),
  login(`${json}A: b\r\n Transfer-Encoding: chunked\r\n`, smuggled),
  login(`${json}${chunked}`, `5;${'x'.repeat(mebibyte)}\r\n{"a":\r\n${smuggled}`),
  login(`${json}${chunked}`, `5\n{"a":\r\n${smuggled}`),
  login(`${json}${chunked}`, `0x5\r\n{"a":\r\n${smuggled}`),
  login(`${json}${chunked}`, `fffffffffffffffff\r\n{"a":\r\n${smuggled}`),
  `GET /health/live HTTP/1.1\n${host}\r\n${live}`,
]

test('an ambiguous request is refused with 400, and its connection is closed', async () => {
  const ends = await Promise.all(ambiguous.map((send) => exchange(port, { parts: [send], until: 'close' })))
  for (const [n, { replies, rest }] of ends.entries()) {
    const what = ambiguous[n]?.slice(0, 200)
    assert.deepEqual([replies.map(({ status }) => status), rest], [[400], ''], what)
    assert.equal(errorIn(replies[0]).code, 'BAD_REQUEST', what)
  }
})

test('after a body that was too large the connection still serves', async () => {
  const large = post(json, 'x'.repeat(2 * mebibyte))
  for (let round = 0; round < 10; round++) {
    const { replies } = await exchange(port, { parts: [large, live], until: 2 })
    assert.deepEqual(
      replies.map(({ status }) => status),
      [413, 200],
    )
  }
})

test('a refused connection is closed, even when the client keeps sending', async () => {
  const { replies, is_closed } = await exchange(port, { parts: ['GARBAGE\r\n\r\n', live, live], until: 'close' })
  assert.ok(is_closed)
  assert.equal(replies.length, 1)
})

test('headers and bodies that do not arrive in time get 408, in the envelope', async (t) => {
  const { server } = fixture.app
  const { headersTimeout, requestTimeout } = server
  Object.assign(server, { headersTimeout: 300, requestTimeout: 300 })
  t.after(() => Object.assign(server, { headersTimeout, requestTimeout }))
  const slow = [
    `GET /health/live HTTP/1.1\r\n${host}`,
    login(`${json}Content-Length: 100\r\n`, '{"email":'),
    login(`${json}${chunked}`, '5\r\n{"ema'),
  ]
  const ends = await Promise.all(slow.map((send) => exchange(port, { parts: [send], until: 'close' })))
  for (const { replies } of ends) {
    assert.equal(replies.length, 1)
    assert.equal(replies[0]?.status, 408)
    assert.equal(errorIn(replies[0]).code, 'REQUEST_TIMEOUT')
  }
  assert.deepEqual([headersTimeout, requestTimeout], [5000, 10_000])
})

test('the responses are the same on every address that the server listens on', async (t) => {
  const both = await cast({ store: { ...fixture.store, close: async () => {} } }, t)
  await both.app.listen({ port: 0, host: 'localhost' })
  const addresses = both.app.addresses() as AddressInfo[]
  assert.ok(addresses.length > 0)
  for (const { address, port: its_port } of addresses) {
    const { replies } = await exchange(its_port, { parts: ['GARBAGE\r\n\r\n'], address })
    assert.equal(errorIn(replies[0]).code, 'BAD_REQUEST', address)
  }
})

test('during shutdown: running requests finish, new ones get 503 SHUTTING_DOWN, probes work', async (t) => {
  const entered = Promise.withResolvers<void>()
  const stopping = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const closing = await cast(
    {
      store: { ...fixture.store, close: async () => {} },
      extend: (app) => {
        app.addHook('preClose', async () => stopping.resolve())
        app.get('/slow', { config: { open: true } }, async () => {
          entered.resolve()
          await finish.promise
          return { done: true }
        })
      },
    },
    t,
  )
  const sockets: Socket[] = []
  closing.app.server.on('connection', (socket) => sockets.push(socket))
  await closing.app.listen({ port: 0, host: '127.0.0.1' })
  const its_port = (closing.app.server.address() as AddressInfo).port
  const inHalves = (text: string) =>
    exchange(its_port, { parts: [text.slice(0, 20), () => stopping.promise, text.slice(20)], until: 'close' })
  const slow = exchange(its_port, { parts: [get('/slow')], until: 'close' })
  const work = inHalves(get('/api/v1/me'))
  const probe = inHalves(live)
  await entered.promise
  await until(() => sockets.length === 3 && sockets.every(({ bytesRead }) => bytesRead >= 20))

  const closed = closing.app.close()
  const [refused] = (await work).replies
  assert.equal(refused?.status, 503)
  assert.equal(refused?.headers['retry-after'], '1')
  assert.equal(errorIn(refused).code, 'SHUTTING_DOWN')
  assert.deepEqual([(await probe).replies[0]?.status, (await probe).replies[0]?.text], [200, '{"status":"ok"}'])
  finish.resolve()
  const [finished] = (await slow).replies
  assert.deepEqual([finished?.status, finished?.text], [200, '{"done":true}'])
  // The server has closed each of them; it keeps others open for longer than an exchange waits.
  await closed
})

test('after all of these requests the server still serves', async () => {
  const { replies } = await exchange(port, { parts: [live] })
  assert.deepEqual([replies[0]?.status, replies[0]?.text], [200, '{"status":"ok"}'])
})
