// A fake PostgreSQL that understands what it is sent: a statement that selects gets its own text back as the one row, a
// statement that says `slow` is answered late, or never. So a test sees whose answer it got.
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { message, startFakePostgres } from './fake-postgres.ts'

export interface EchoOptions {
  /** How late a slow statement is answered; never when left out. */
  readonly slow_ms?: number
}

export interface EchoServer {
  readonly url: string
  /** How many connections have been taken. */
  connections(): number
  /** Ends every session as an administrator would; returns how many. */
  terminate(): number
  /** From now on COMMIT is not answered: the connection breaks instead. */
  loseCommits(): void
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1; close it when done. */
export async function startEchoServer({ slow_ms }: EchoOptions = {}): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  let is_losing = false

  async function answer(socket: Socket, { type, body }: Part): Promise<void> {
    const text = textOf(type, body)
    if (is_losing && /^commit/i.test(text)) {
      socket.destroy()
      return
    }
    if (text.includes('slow')) await (slow_ms === undefined ? new Promise(() => {}) : delay(slow_ms))
    const reply = type === 'Q' ? Buffer.concat([result(text), ready]) : replyTo(type)
    if (!socket.destroyed) socket.write(reply)
  }

  const server = await startFakePostgres({
    onConnect: (socket) => {
      connections += 1
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => sockets.delete(socket))
      let rest = Buffer.alloc(0)
      let turn = Promise.resolve()
      socket.on('data', (chunk) => {
        const { parts, left } = split(Buffer.concat([rest, chunk]))
        rest = left
        for (const part of parts) turn = turn.then(() => answer(socket, part))
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

/** The statement in a Query or a Parse message. */
function textOf(type: string, body: Buffer): string {
  const [first = '', second = ''] = body.toString().split('\0')
  return type === 'Q' ? first : type === 'P' ? second : ''
}

/** Statements with values are all the context of a transaction, of which nobody reads the row. */
function replyTo(type: string): Buffer {
  if (type === 'P') return message('1')
  if (type === 'B') return message('2')
  if (type === 'D') return message('n')
  if (type === 'E') return message('C', 'SELECT 1\0')
  return type === 'S' ? ready : Buffer.alloc(0)
}

function result(text: string): Buffer {
  const tag = message('C', `${(/^\w+/.exec(text)?.[0] ?? '').toUpperCase()}\0`)
  if (!/^select/i.test(text)) return tag
  const fields = Buffer.concat([number16(1), Buffer.from('text\0'), Buffer.alloc(6), number32(25), Buffer.alloc(8)])
  const row = Buffer.concat([number16(1), number32(Buffer.byteLength(text)), Buffer.from(text)])
  return Buffer.concat([message('T', fields), message('D', row), tag])
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
