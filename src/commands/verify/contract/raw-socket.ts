// An HTTP client that sends bytes unchanged and parses the replies.
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where a deployment listens. */
export interface Origin {
  readonly hostname: string
  readonly port: number
  readonly is_tls: boolean
}

export interface RawReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, as long as content-length says. */
  readonly text: string
}

export interface Exchange {
  readonly replies: RawReply[]
  /** Bytes after the last complete reply. */
  readonly rest: string
  /** Whether the server closed the connection. */
  readonly is_closed: boolean
  readonly ms: number
}

export interface RawRequest {
  /** Sent in this order; a function is awaited at its place. */
  readonly parts: readonly (string | Buffer | (() => Promise<unknown>))[]
  /** How many replies to wait for (1); 'close': until the server closes the connection. */
  readonly until?: number | 'close'
  /** A HEAD request: replies have no body, whatever content-length says. */
  readonly is_head?: boolean
  /** Milliseconds to wait for the replies (20,000). */
  readonly timeout_ms?: number
}

/** Sends the parts over a new connection. Rejects when the replies do not arrive within `timeout_ms`. */
export async function exchangeAt(origin: Origin, request: RawRequest): Promise<Exchange> {
  const { parts, until = 1, is_head = false, timeout_ms = 20_000 } = request
  const started = performance.now()
  const socket = open(origin)
  let received = Buffer.alloc(0)
  let is_closed = false
  const outcome = Promise.withResolvers<void>()
  outcome.promise.catch(() => {}) // it may reject before it is awaited
  const parse = () => {
    try {
      const is_enough = until === 'close' ? is_closed : split(received, is_head).replies.length >= until
      if (is_enough || is_closed) outcome.resolve()
    } catch (error) {
      outcome.reject(error)
    }
  }
  const onEnd = () => {
    is_closed = true
    parse()
  }
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    parse()
  })
  socket.on('end', onEnd)
  socket.on('error', onEnd)
  socket.on('close', onEnd)
  const timer = setTimeout(() => {
    const so_far = received.toString('latin1').slice(0, 500)
    outcome.reject(new Error(`no complete reply after ${timeout_ms} ms; received: ${so_far}`))
  }, timeout_ms)
  try {
    for (const part of parts) {
      if (typeof part === 'function') await part()
      else if (!socket.destroyed) socket.write(part)
    }
    await outcome.promise
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
  return { ...split(received, is_head), is_closed, ms: performance.now() - started }
}

function open({ hostname, port, is_tls }: Origin): Socket {
  return is_tls ? connectTls({ host: hostname, port, servername: hostname }) : connect(port, hostname)
}

/** Parses the replies, 1xx included. */
function split(bytes: Buffer, is_head: boolean): { replies: RawReply[]; rest: string } {
  const replies: RawReply[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) break
    const [first = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    if (!(status > 0)) throw new Error(`not a status line: ${first}`)
    const length = is_head || status < 200 ? 0 : Number(headers['content-length'] ?? 0)
    if (rest.length < end + 4 + length) break
    replies.push({ status, headers, text: rest.toString('utf8', end + 4, end + 4 + length) })
    rest = rest.subarray(end + 4 + length)
  }
  return { replies, rest: rest.toString('latin1') }
}
