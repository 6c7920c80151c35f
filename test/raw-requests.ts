// Requests that no HTTP library sends, byte by byte, with the expected response.
import type { Script } from './raw-socket.ts'

export const host = 'Host: roost.example\r\n'
export const json = 'Content-Type: application/json\r\n'
export const chunked = 'Transfer-Encoding: chunked\r\n'
export const live = `GET /health/live HTTP/1.1\r\n${host}\r\n`
export const mebibyte = 1024 * 1024
const most = 64 * 1024
const most_open = 4 * 1024

/** A GET with this token. */
export function getAs(token: string, url: string, headers = host): string {
  return `GET ${url} HTTP/1.1\r\n${headers}Authorization: Bearer ${token}\r\n\r\n`
}

export function login(headers: string, body = ''): string {
  return `POST /api/v1/auth/login HTTP/1.1\r\n${host}${headers}\r\n${body}`
}

/** A POST with a token that permits it, so that the body is parsed. */
export function postAs(token: string, headers: string, body: string | Buffer): Buffer {
  const head = `POST /api/v1/properties HTTP/1.1\r\n${host}Authorization: Bearer ${token}\r\n${headers}`
  return Buffer.concat([
    Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, 'latin1'),
    Buffer.from(body),
  ])
}

/** Fails schema validation under every media type. A bypass would answer 201. */
const wrong = '{"name":5,"property_type":"house","max_guests":2}'

export interface Case extends Partial<Script> {
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

/** Keyed by what is wrong. `token` must permit creating properties. */
export function rawRequests(token: string): Readonly<Record<string, Case>> {
  const authorization = `Authorization: Bearer ${token}\r\n`
  const get = (url: string, headers = host) => getAs(token, url, headers)
  const post = (headers: string, body: string | Buffer) => postAs(token, headers, body)
  return {
    'no request line': refused('hello there\r\n\r\n'),
    'an empty method': refused(` /health/live HTTP/1.1\r\n${host}\r\n`),
    'an unknown method': refused(`FROBNICATE /health/live HTTP/1.1\r\n${host}\r\n`),
    'a method in lower case': refused(`get /health/live HTTP/1.1\r\n${host}\r\n`),
    'HTTP 9.9': refused(`GET /health/live HTTP/9.9\r\n${host}\r\n`),
    'HTTP 1.2': refused(`GET /health/live HTTP/1.2\r\n${host}\r\n`),
    'HTTP 2.0 with the syntax of 1.1': refused(`GET /health/live HTTP/2.0\r\n${host}\r\n`),
    'HTTP 0.9': refused(`GET /health/live HTTP/0.9\r\n${host}\r\n`),
    'the preface of HTTP 2': refused('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    'a TLS handshake': refused(Buffer.from('16030100a5010000a10303', 'hex')),
    '%zz in the path': refused(get('/api/v1/%zz')),
    '%zz in the query': refused(get('/api/v1/properties?q=%zz')),
    'invalid UTF-8 in the query': refused(get('/api/v1/properties?q=%ff%fe')),
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
    'chunked as the first transfer coding': refused(login('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')),
    'a malformed chunk size': refused(login(`${json}${chunked}`, 'zz\r\n')),
    'a chunk extension of 20 KB': refused(login(`${json}${chunked}`, `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`)),
    'lines that end with LF': refused('GET /health/live HTTP/1.1\nHost: roost.example\n\n'),
    'lines that end with CR': refused('GET /health/live HTTP/1.1\rHost: roost.example\r\r'),
    'a folded header': refused(get('/health/live', `${host}A: b\r\n c\r\n`)),
    'a header with NUL': refused(get('/health/live', `${host}A: b\u0000c\r\n`)),
    'a path with NUL': refused(get('/health/\u0000live')),
    'a path with a raw byte above ASCII': refused(Buffer.from(get('/caf\u00e9'), 'latin1')),
    'two Content-Types': refused(post(`${json}Content-Type: text/plain\r\n`, wrong)),
    'headers of 17 KB': overflow(get('/health/live', `${host}A: ${'x'.repeat(17_000)}\r\n`)),
    'six thousand headers': overflow(get('/health/live', `${host}${'a: b\r\n'.repeat(6000)}`)),
    'a parameter of 2,000 characters': tooLong(get(`/api/v1/properties/${'x'.repeat(2000)}`)),
    'a URL of 10,000 characters': tooLong(get(`/${'x'.repeat(10_000)}`)),
    'a URL of 20,000 characters': tooLong(get(`/${'x'.repeat(20_000)}`)),
    'a URL of 200,000 characters': tooLong(get(`/${'x'.repeat(200_000)}`)),
    'an unknown expectation': {
      send: login('Expect: the-best\r\nContent-Length: 2\r\n'),
      status: 417,
      code: 'EXPECTATION_FAILED',
    },
    'one byte more than 64 kB by Content-Length': tooMuch(post(json, 'x'.repeat(most + 1))),
    '1 MiB by Content-Length': tooMuch(post(json, 'x'.repeat(mebibyte))),
    'one byte more than 4 kB at sign-in': tooMuch(
      login(`${json}Content-Length: ${most_open + 1}\r\n`, 'x'.repeat(most_open + 1)),
    ),
    'one byte more than 4 kB at sign-in, in one chunk': tooMuch(
      login(`${json}${chunked}`, `${(most_open + 1).toString(16)}\r\n${'x'.repeat(most_open + 1)}\r\n0\r\n\r\n`),
    ),
    '4 kB in chunks of one byte': tooMuch(login(`${json}${chunked}`, `${'1\r\n \r\n'.repeat(most_open)}0\r\n\r\n`)),
    '5 GB announced, nothing sent': tooMuch(
      `POST /api/v1/properties HTTP/1.1\r\n${host}${authorization}${json}Content-Length: 5000000000\r\n\r\n`,
    ),
    '1.25 MiB in chunks': tooMuch(
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
    'a merge patch in a POST': unsupported(post('Content-Type: application/merge-patch+json\r\n', wrong)),
    'a compressed body': unsupported(post(`${json}Content-Encoding: gzip\r\n`, wrong)),
    'leading spaces before application/json': invalid(post('Content-Type:  \tapplication/json\r\n', wrong)),
    'JSON with an upper-case charset': invalid(post('Content-Type: Application/JSON; charset="UTF-8"\r\n', wrong)),
    'an empty body': malformed(post(json, '')),
    'incomplete JSON': malformed(post(json, '{"name":')),
    'two JSON texts': malformed(post(json, '{}{}')),
    'JSON with __proto__': malformed(post(json, '{"__proto__":{"polluted":true}}')),
    'JSON with an escaped __proto__': malformed(post(json, '{"\\u005f_proto__":{"polluted":true}}')),
    'JSON with constructor.prototype': malformed(post(json, '{"constructor":{"prototype":{"polluted":true}}}')),
    'JSON with invalid UTF-8': malformed(post(json, Buffer.from('7b226e616d65223a22ff227d', 'hex'))),
    'JSON with a member constructor': invalid(post(json, '{"constructor":1}')),
    'no body at all': invalid(post('', '')),
    '30,000 nested lists': invalid(post(json, '['.repeat(30_000) + ']'.repeat(30_000))),
    '30,000 unclosed nested lists': invalid(post(json, '['.repeat(30_000))),
    '7,000 nested objects': invalid(post(json, `${'{"name":'.repeat(7000)}1${'}'.repeat(7000)}`)),
    '8,000 unknown members': invalid(
      post(json, `{${Array.from({ length: 8000 }, (_, n) => `"${n.toString(36)}":0`).join(',')}}`),
    ),
    'NUL in the path, encoded': invalid(get('/api/v1/properties/%00')),
    'NUL in the query, encoded': invalid(get('/api/v1/properties?q=%00')),
    'an unknown route': unknown(get('/api/v1/nope')),
    'an unknown route, with malformed JSON': unknown(
      `POST /nope HTTP/1.1\r\n${host}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi`,
    ),
    'OPTIONS *': unknown(`OPTIONS * HTTP/1.1\r\n${host}\r\n`),
    PUT: notAllowed(`PUT /api/v1/properties HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhi`),
    'PUT to an absolute URL': notAllowed(`PUT http://roost.example/api/v1/properties HTTP/1.1\r\n${host}\r\n`),
    TRACE: notAllowed(`TRACE /health/live HTTP/1.1\r\n${host}\r\n`),
    PROPFIND: notAllowed(`PROPFIND /health/live HTTP/1.1\r\n${host}\r\n`),
    CONNECT: notAllowed(`CONNECT roost.example:443 HTTP/1.1\r\n${host}\r\n`),
    'a POST with X-HTTP-Method-Override: GET': notAllowed(
      `POST /health/live HTTP/1.1\r\n${host}X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n`,
    ),
  }
}
