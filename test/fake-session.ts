// A fake PostgreSQL that returns a SELECT's own text as its only row, so that tests see which response
// belongs to which statement. A statement with `slow` is answered late or never.
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { message, startFakePostgres } from './fake-postgres.ts'

export interface EchoOptions {
  /** Delay of a slow statement; without it a slow statement gets no response. */
  readonly slow_ms?: number
}

export interface EchoServer {
  readonly url: string
  /** Number of accepted connections. */
  connections(): number
  /** Terminates every session with 57P01; returns how many. */
  terminate(): number
  /** From now on COMMIT closes the connection without a response. */
  loseCommits(): void
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. Close it in the end. */
export async function startEchoServer({ slow_ms }: EchoOptions = {}): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  let is_losing = false

  /** Returns the statement that was parsed last: the next messages belong to it. */
  async function answer(socket: Socket, { type, body }: Part, parsed: string): Promise<string> {
    const text = type === 'P' ? (body.toString().split('\0')[1] ?? '') : parsed
    if (is_losing && type === 'E' && /^commit/i.test(text)) socket.destroy()
    if (type === 'E' && text.includes('slow')) await (slow_ms === undefined ? new Promise(() => {}) : delay(slow_ms))
    if (!socket.destroyed) socket.write(replyTo(type, text))
    return text
  }

  const server = await startFakePostgres({
    onConnect: (socket) => {
      connections += 1
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => sockets.delete(socket))
      let rest = Buffer.alloc(0)
      let turn = Promise.resolve('')
      socket.on('data', (chunk) => {
        const { parts, left } = split(Buffer.concat([rest, chunk]))
        rest = left
        for (const part of parts) turn = turn.then((parsed) => answer(socket, part, parsed))
      })
      socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]))
    },
  })
  return {
    ...server,
    connections: () => connections,
    terminate() {
      for (const socket of sockets) socket.end(goodbye)
      return sockets.size
    },
    loseCommits() {
      is_losing = true
    },
  }
}

const ready = message('Z', 'I')
const goodbye = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')

interface Part {
  readonly type: string
  readonly body: Buffer
}

function split(bytes: Buffer): { parts: Part[]; left: Buffer<ArrayBuffer> } {
  const parts: Part[] = []
  let at = 0
  while (bytes.length - at >= 5 && bytes.length - at >= 1 + bytes.readInt32BE(at + 1)) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    parts.push({ type: String.fromCharCode(bytes[at] ?? 0), body: bytes.subarray(at + 5, end) })
    at = end
  }
  return { parts, left: Buffer.from(bytes.subarray(at)) }
}

function replyTo(type: string, text: string): Buffer {
  const is_select = /^select/i.test(text)
  if (type === 'P') return message('1')
  if (type === 'B') return message('2')
  if (type === 'D') return is_select ? message('T', fields) : message('n')
  if (type === 'E') return is_select ? Buffer.concat([rowOf(text), tagOf(text)]) : tagOf(text)
  return type === 'S' ? ready : Buffer.alloc(0)
}

const tagOf = (text: string) => message('C', `${(/^\w+/.exec(text)?.[0] ?? '').toUpperCase()}\0`)

function rowOf(text: string): Buffer {
  return message('D', Buffer.concat([number16(1), number32(Buffer.byteLength(text)), Buffer.from(text)]))
}

function number16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const fields = Buffer.concat([number16(1), Buffer.from('text\0'), Buffer.alloc(6), number32(25), Buffer.alloc(8)])
