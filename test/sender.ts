// A client of the API over real sockets: concurrent requests use separate connections.
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  /** The error's code; '' after a success. */
  readonly code: string
  readonly body: Record<string, unknown>
  readonly text: string
  readonly headers: IncomingHttpHeaders
  /** Milliseconds of performance.now(). */
  readonly began: number
  readonly ended: number
}

export interface Sender {
  /** A string body is sent unchanged. Rejects with the system's error unless a complete response arrives within five minutes. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): void
}

const timeout_ms = 300_000

/** Paths without a leading slash are below /api/v1. `address` is `http://127.0.0.1:PORT`. */
export function createSender(address: string, token?: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const { hostname, port } = new URL(address)

  async function send(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const began = performance.now()
    const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(payload)),
      }),
      ...more,
    }
    const full_path = path.startsWith('/') ? path : `/api/v1/${path}`
    const sent = request({ agent, hostname, port, method, path: full_path, headers })
    sent.setTimeout(timeout_ms, () => sent.destroy(new Error(`no answer within ${timeout_ms} ms`)))
    sent.end(payload)
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const part of reply.setEncoding('utf8')) text += part
    const is_json = String(reply.headers['content-type']).includes('json') && text !== ''
    const parsed = is_json ? JSON.parse(text) : {}
    const { statusCode: status, headers: answered } = reply
    const code = parsed?.error?.code ?? ''
    return { status, code, body: parsed, text, headers: answered, began, ended: performance.now() }
  }

  return { send, close: () => agent.destroy() }
}
