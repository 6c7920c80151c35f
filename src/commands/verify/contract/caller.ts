// HTTP calls to a deployment as the holder of a token. Replies are returned unparsed.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Api } from '../../../http/api.ts'
import type { Origin } from './raw-socket.ts'

/** Milliseconds without any data after which a call fails. */
const timeout_ms = 20_000

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Calls the API as one person. A path without a leading slash is relative to /api/v1. Objects are sent as JSON. */
export interface Caller {
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpReply>
  get(path: string, headers?: Record<string, string>): Promise<HttpReply>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpReply>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpReply>
  delete(path: string, headers?: Record<string, string>): Promise<HttpReply>
}

/** Listens on a free port of 127.0.0.1. */
export async function listenHere(app: Api): Promise<Origin> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { hostname: '127.0.0.1', port, is_tls: false }
}

/** Anonymous without a token; a new connection for each call without an agent. Rejects when there is no reply. */
export function callerOn(origin: Origin, token?: string, agent?: http.Agent): Caller {
  async function request(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<HttpReply> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(typeof body === 'object' && { 'content-type': 'application/json' }),
      ...(payload !== undefined && { 'content-length': String(Buffer.byteLength(payload)) }),
      ...more,
    }
    const { hostname, port, is_tls } = origin
    const options = { hostname, port, method, path: path.startsWith('/') ? path : `/api/v1/${path}`, headers }
    const sent = (is_tls ? https : http).request({ ...options, agent: agent ?? false, timeout: timeout_ms })
    sent.on('timeout', () => sent.destroy(new Error(`no reply within ${timeout_ms / 1000} s`)))
    sent.end(payload)
    const [reply] = (await once(sent, 'response')) as [http.IncomingMessage]
    return { status: reply.statusCode ?? 0, headers: reply.headers, text: await text(reply) }
  }
  return {
    request,
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body, headers) => request('PATCH', path, body, headers),
    delete: (path, headers) => request('DELETE', path, undefined, headers),
  }
}
