// A client that sends bytes as they are, and takes the replies apart that come back.
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
  /** The text behind the head, as long as content-length says. */
  readonly text: string
}

export interface Exchange {
  readonly replies: RawReply[]
  /** Bytes behind the last whole reply. */
  readonly rest: string
  /** Whether the server ended the connection. */
  readonly is_closed: boolean
  readonly ms: number
}

export interface Script {
  /** Sent one after the other; a function is awaited in between. */
  readonly parts: readonly (string | Buffer | (() => Promise<unknown>))[]
  /** Done as soon as so many replies are there (1); 'close': only when the server has closed the connection. */
  readonly until?: number | 'close'
  /** A HEAD request: the reply has no body whatever its content-length says. */
  readonly is_head?: boolean
  /** Milliseconds after which it counts as hanging (20,000). */
  readonly patience?: number
}

/** Sends the parts over a connection of their own. Rejects when the server keeps silent for longer than `patience`. */
export async function exchangeAt(origin: Origin, script: Script): Promise<Exchange> {
  const { parts, until = 1, is_head = false, patience = 20_000 } = script
  const started = performance.now()
  const socket = open(origin)
  let received = Buffer.alloc(0)
  let is_closed = false
  const outcome = Promise.withResolvers<void>()
  outcome.promise.catch(() => {}) // it may be known before it is asked for
  const look = () => {
    try {
      const is_enough = until === 'close' ? is_closed : split(received, is_head).replies.length >= until
      if (is_enough || is_closed) outcome.resolve()
    } catch (error) {
      outcome.reject(error)
    }
  }
  const onEnd = () => {
    is_closed = true
    look()
  }
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    look()
  })
  socket.on('end', onEnd)
  socket.on('error', onEnd)
  socket.on('close', onEnd)
  const timer = setTimeout(() => {
    outcome.reject(new Error(`no end of it after ${patience} ms; so far: ${received.toString('latin1').slice(0, 500)}`))
  }, patience)
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

/** Takes apart what came back; replies of 1xx count as well. */
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
