// Bytes no HTTP library would send, on a real socket: each is answered in the envelope, none hangs, the server lives on.
// One engine is enough: nothing of it reaches the database.
import assert from 'node:assert/strict'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { players } from '../cast.ts'
import { cast } from '../harness.ts'
import { errorIn, exchange, type Script } from '../raw-socket.ts'
import { until } from '../until.ts'

const stage = await cast()
await stage.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = stage.app.server.address() as AddressInfo
const { token } = await stage.tokens.issue({ user_id: players.manager.user_id })

const host = 'Host: roost.example\r\n'
const json = 'Content-Type: application/json\r\n'
const authorization = `Authorization: Bearer ${token}\r\n`
const chunked = 'Transfer-Encoding: chunked\r\n'
const live = `GET /health/live HTTP/1.1\r\n${host}\r\n`
const mebibyte = 1024 * 1024

function get(url: string, headers = host): string {
  return `GET ${url} HTTP/1.1\r\n${headers}${authorization}\r\n`
}

function login(headers: string, body = ''): string {
  return `POST /api/v1/auth/login HTTP/1.1\r\n${host}${headers}\r\n${body}`
}

/** A POST as somebody who may, so that the body is looked at. */
function post(headers: string, body: string | Buffer): Buffer {
  const head = `POST /api/v1/properties HTTP/1.1\r\n${host}${authorization}${headers}`
  return Buffer.concat([
    Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, 'latin1'),
    Buffer.from(body),
  ])
}

/** Wrong for the schema, whatever the media type makes of it: a bypass would show as 201. */
const wrong = '{"name":5,"property_type":"house","max_guests":2}'

interface Case extends Partial<Script> {
  readonly send: string | Buffer
  readonly code: string
  readonly status: number
}

const refused = (send: string | Buffer): Case => ({ send, status: 400, code: 'BAD_REQUEST' })
const malformed = (send: string | Buffer): Case => ({ send, status: 400, code: 'MALFORMED_JSON' })
const unsupported = (send: string | Buffer): Case => ({ send, status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
const invalid = (send: string | Buffer): Case => ({ send, status: 422, code: 'VALIDATION_ERROR' })
const tooLong = (send: string): Case => ({ send, status: 414, code: 'URI_TOO_LONG' })
const tooMuch = (send: string | Buffer): Case => ({ send, status: 413, code: 'PAYLOAD_TOO_LARGE' })
const overflow = (send: string): Case => ({ send, status: 431, code: 'HEADERS_TOO_LARGE' })
const unknown = (send: string): Case => ({ send, status: 404, code: 'ROUTE_NOT_FOUND' })
const notAllowed = (send: string): Case => ({ send, status: 405, code: 'METHOD_NOT_ALLOWED' })

const cases: Readonly<Record<string, Case>> = {
  'no request line': refused('hello there\r\n\r\n'),
  'an empty method': refused(` /health/live HTTP/1.1\r\n${host}\r\n`),
  'an unknown method': refused(`FROBNICATE /health/live HTTP/1.1\r\n${host}\r\n`),
  'a method in lower case': refused(`get /health/live HTTP/1.1\r\n${host}\r\n`),
  'HTTP 9.9': refused(`GET /health/live HTTP/9.9\r\n${host}\r\n`),
  'HTTP 1.2': refused(`GET /health/live HTTP/1.2\r\n${host}\r\n`),
  'HTTP 2.0 in the words of 1.1': refused(`GET /health/live HTTP/2.0\r\n${host}\r\n`),
  'HTTP 0.9': refused(`GET /health/live HTTP/0.9\r\n${host}\r\n`),
  'the preface of HTTP 2': refused('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'a TLS handshake': refused(Buffer.from('16030100a5010000a10303', 'hex')),
  '%zz in the path': refused(get('/api/v1/%zz')),
  '%zz in the query': refused(get('/api/v1/properties?q=%zz')),
  'bytes that are no UTF-8 in the query': refused(get('/api/v1/properties?q=%ff%fe')),
  'no Host': refused(get('/health/live', '')),
  'two Hosts': refused(get('/health/live', `${host}Host: other.example\r\n`)),
  'white space before the colon': refused(get('/health/live', `Host : roost.example\r\n`)),
  'Transfer-Encoding and Content-Length': refused(login(`${chunked}Content-Length: 5\r\n`, '0\r\n\r\n')),
  'Content-Length and Transfer-Encoding': refused(login(`Content-Length: 5\r\n${chunked}`, '0\r\n\r\n')),
  'two different Content-Lengths': refused(login('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!')),
  'the same Content-Length twice': refused(login('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello')),
  'a signed Content-Length': refused(login('Content-Length: +5\r\n', 'hello')),
  'a negative Content-Length': refused(login('Content-Length: -5\r\n', 'hello')),
  'an unknown transfer coding': refused(login('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')),
  'chunked, but not last': refused(login('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')),
  'a chunk size that is no number': refused(login(`${json}${chunked}`, 'zz\r\n')),
  'a chunk extension of 20 KB': refused(login(`${json}${chunked}`, `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`)),
  'lines that end in LF alone': refused('GET /health/live HTTP/1.1\nHost: roost.example\n\n'),
  'lines that end in CR alone': refused('GET /health/live HTTP/1.1\rHost: roost.example\r\r'),
  'a folded header': refused(get('/health/live', `${host}A: b\r\n c\r\n`)),
  'a header with NUL': refused(get('/health/live', `${host}A: b\u0000c\r\n`)),
  'a path with NUL': refused(get('/health/\u0000live')),
  'a path with a raw byte above ASCII': refused(Buffer.from(get('/caf\u00e9'), 'latin1')),
  'two Content-Types': refused(post(`${json}Content-Type: text/plain\r\n`, wrong)),
  'headers of 17 KB': overflow(get('/health/live', `${host}A: ${'x'.repeat(17_000)}\r\n`)),
  'six thousand headers': overflow(get('/health/live', `${host}${'a: b\r\n'.repeat(6000)}`)),
  'a parameter of 2,000 characters': tooLong(get(`/api/v1/properties/${'x'.repeat(2000)}`)),
  'an address of 10,000 characters': tooLong(get(`/${'x'.repeat(10_000)}`)),
  'an address of 20,000 characters': tooLong(get(`/${'x'.repeat(20_000)}`)),
  'an address of 200,000 characters': tooLong(get(`/${'x'.repeat(200_000)}`)),
  'an expectation nobody has': {
    send: login('Expect: the-best\r\nContent-Length: 2\r\n'),
    status: 417,
    code: 'EXPECTATION_FAILED',
  },
  'more than 1 MiB by Content-Length': tooMuch(post(json, 'x'.repeat(mebibyte + 1))),
  'more than 1 MiB announced, nothing sent': tooMuch(
    `POST /api/v1/properties HTTP/1.1\r\n${host}${authorization}${json}Content-Length: 5000000000\r\n\r\n`,
  ),
  'more than 1 MiB in chunks': tooMuch(
    `POST /api/v1/properties HTTP/1.1\r\n${host}${authorization}${json}${chunked}\r\n` +
      `${`40000\r\n${'x'.repeat(0x40000)}\r\n`.repeat(5)}0\r\n\r\n`,
  ),
  'no Content-Type': unsupported(post('', wrong)),
  'an empty Content-Type': unsupported(post('Content-Type: \r\n', wrong)),
  'text/plain': unsupported(post('Content-Type: text/plain\r\n', wrong)),
  'a form': unsupported(post('Content-Type: application/x-www-form-urlencoded\r\n', 'name=x')),
  'application/json, tab, a': unsupported(post('Content-Type: application/json\ta\r\n', wrong)),
  'application/json garbage': unsupported(post('Content-Type: application/json garbage\r\n', wrong)),
  'application/json;garbage': unsupported(post('Content-Type: application/json;garbage\r\n', wrong)),
  'application/jsonx': unsupported(post('Content-Type: application/jsonx\r\n', wrong)),
  'JSON in UTF-7': unsupported(post('Content-Type: application/json;charset=utf-7\r\n', wrong)),
  'JSON in UTF-16': unsupported(
    post('Content-Type: application/json; charset=utf-16\r\n', Buffer.from(wrong, 'utf16le')),
  ),
  'a compressed body': unsupported(post(`${json}Content-Encoding: gzip\r\n`, wrong)),
  'spaces before application/json, which are none of its own': invalid(
    post('Content-Type:  \tapplication/json\r\n', wrong),
  ),
  'JSON with its charset in capitals': invalid(post('Content-Type: Application/JSON; charset="UTF-8"\r\n', wrong)),
  'an empty body': malformed(post(json, '')),
  'half a JSON': malformed(post(json, '{"name":')),
  'two JSONs': malformed(post(json, '{}{}')),
  'a JSON with __proto__': malformed(post(json, '{"__proto__":{"polluted":true}}')),
  'a JSON with an escaped __proto__': malformed(post(json, '{"\\u005f_proto__":{"polluted":true}}')),
  'a JSON with constructor.prototype': malformed(post(json, '{"constructor":{"prototype":{"polluted":true}}}')),
  'a JSON that is no UTF-8': malformed(post(json, Buffer.from('7b226e616d65223a22ff227d', 'hex'))),
  'a JSON that names constructor': invalid(post(json, '{"constructor":1}')),
  'no body at all': invalid(post('', '')),
  '100,000 lists inside each other': invalid(post(json, '['.repeat(100_000) + ']'.repeat(100_000))),
  '100,000 objects inside each other': invalid(post(json, `${'{"name":'.repeat(100_000)}1${'}'.repeat(100_000)}`)),
  'NUL in the path, encoded': invalid(get('/api/v1/properties/%00')),
  'NUL in the query, encoded': invalid(get('/api/v1/properties?q=%00')),
  'an unknown route': unknown(get('/api/v1/nope')),
  'an unknown route, with a body that is no JSON': unknown(
    `POST /nope HTTP/1.1\r\n${host}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi`,
  ),
  'OPTIONS *': unknown(`OPTIONS * HTTP/1.1\r\n${host}\r\n`),
  PUT: notAllowed(`PUT /api/v1/properties HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhi`),
  'PUT to an absolute address': notAllowed(`PUT http://roost.example/api/v1/properties HTTP/1.1\r\n${host}\r\n`),
  TRACE: notAllowed(`TRACE /health/live HTTP/1.1\r\n${host}\r\n`),
  PROPFIND: notAllowed(`PROPFIND /health/live HTTP/1.1\r\n${host}\r\n`),
  CONNECT: notAllowed(`CONNECT roost.example:443 HTTP/1.1\r\n${host}\r\n`),
  'a POST that says it is a GET': notAllowed(
    `POST /health/live HTTP/1.1\r\n${host}X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n`,
  ),
}

test('there are enough of them', () => {
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

test('405 names the methods the address does take', async () => {
  const { replies } = await exchange(port, { parts: [`PUT /api/v1/properties/1 HTTP/1.1\r\n${host}\r\n`] })
  assert.equal(replies[0]?.headers.allow, 'DELETE, GET, HEAD, PATCH')
})

test('no property was made, and no prototype was changed, by any of them', async () => {
  const { body } = await stage.manager.get('properties')
  assert.equal(body.items.length, 3)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

test('Expect: 100-continue is answered, and the body after it read', async () => {
  const wait = login(`${json}Expect: 100-continue\r\nContent-Length: 2\r\n`)
  const { replies } = await exchange(port, { parts: [wait, '{}'], until: 2 })
  assert.deepEqual(
    replies.map(({ status }) => status),
    [100, 422],
  )
})

test('HTTP 1.0 without a Host, an absolute address and an offer to upgrade are served', async () => {
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

test('garbage behind a good request: the good one gets its reply first, then the garbage gets its own', async () => {
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

test('garbage in the body of a request that had its reply already gets no second one', async () => {
  const early = `POST /api/v1/properties HTTP/1.1\r\n${host}${json}${chunked}\r\n`
  let sendGarbage = () => {}
  const replied = new Promise<void>((resolve) => {
    sendGarbage = resolve
  })
  stage.app.server.once('request', (_request, response) => response.once('finish', sendGarbage))
  const { replies } = await exchange(port, { parts: [early, () => replied, 'zz\r\n'], until: 'close' })
  assert.deepEqual(
    replies.map(({ status }) => status),
    [401],
  )
})

/** Each is read in two ways by somebody; what one of them takes for a second request is never carried out. */
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

test('a request that can be read in two ways is refused with 400, and the connection with what is behind it closed', async () => {
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

test('a refused connection is closed, even when the client keeps it open and keeps sending', async () => {
  const { replies, is_closed } = await exchange(port, { parts: ['GARBAGE\r\n\r\n', live, live], until: 'close' })
  assert.ok(is_closed)
  assert.equal(replies.length, 1)
})

test('headers and bodies that do not arrive in time get 408, in the envelope', async (t) => {
  const { server } = stage.app
  const { headersTimeout, requestTimeout } = server
  Object.assign(server, { headersTimeout: 300, requestTimeout: 300 })
  t.after(() => Object.assign(server, { headersTimeout, requestTimeout }))
  const slow = [
    `GET /health/live HTTP/1.1\r\n${host}`,
    login(`${json}Content-Length: 100\r\n`, '{"email":'),
    login(`${json}${chunked}`, '5\r\n{"ema'),
  ]
  const ends = await Promise.all(slow.map((send) => exchange(port, { parts: [send], until: 'close', patience: 4000 })))
  for (const { replies, ms } of ends) {
    assert.equal(replies.length, 1)
    assert.equal(replies[0]?.status, 408)
    assert.equal(errorIn(replies[0]).code, 'REQUEST_TIMEOUT')
    assert.ok(ms < 4000)
  }
  assert.deepEqual([headersTimeout, requestTimeout], [5000, 10_000])
})

test('on every address it listens on the answers are the same', async (t) => {
  const both = await cast({ store: { ...stage.store, close: async () => {} } }, t)
  await both.app.listen({ port: 0, host: 'localhost' })
  const addresses = both.app.addresses() as AddressInfo[]
  assert.ok(addresses.length > 0)
  for (const { address, port: its_port } of addresses) {
    const { replies } = await exchange(its_port, { parts: ['GARBAGE\r\n\r\n'], address })
    assert.equal(errorIn(replies[0]).code, 'BAD_REQUEST', address)
  }
})

test('while it closes: what runs is finished, new work gets 503 SHUTTING_DOWN, probes are answered', async (t) => {
  const entered = Promise.withResolvers<void>()
  const stopping = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const closing = await cast(
    {
      store: { ...stage.store, close: async () => {} },
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
  await until(() => sockets.length === 3 && sockets.every(({ bytesRead }) => bytesRead >= 20), 1000)

  const started = performance.now()
  const closed = closing.app.close()
  const [refused] = (await work).replies
  assert.equal(refused?.status, 503)
  assert.equal(refused?.headers['retry-after'], '1')
  assert.equal(errorIn(refused).code, 'SHUTTING_DOWN')
  assert.deepEqual([(await probe).replies[0]?.status, (await probe).replies[0]?.text], [200, '{"status":"ok"}'])
  finish.resolve()
  const [finished] = (await slow).replies
  assert.deepEqual([finished?.status, finished?.text], [200, '{"done":true}'])
  await closed
  assert.ok(performance.now() - started < 1500, 'no connection is waited for')
})

test('after all of it the server still serves', async () => {
  const { replies, ms } = await exchange(port, { parts: [live] })
  assert.deepEqual([replies[0]?.status, replies[0]?.text], [200, '{"status":"ok"}'])
  assert.ok(ms < 500)
})
