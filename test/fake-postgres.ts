// As much of a PostgreSQL server as the driver needs, so that tests can inject every failure.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A message of the server: its type and the bytes after its length. */
export function message(type: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length + 4)
  return Buffer.concat([Buffer.from(type), length, bytes])
}

export const ready = message('Z', 'I')
const welcome = Buffer.concat([message('R', Buffer.alloc(4)), ready])

/** ErrorResponse and ReadyForQuery. */
export function refusal(sqlstate: string, severity = 'ERROR'): Buffer {
  const fields = `S${severity}\0V${severity}\0C${sqlstate}\0Mthe text of the server, which is not shown\0\0`
  return Buffer.concat([message('E', fields), ready])
}

export interface Behaviour {
  /** Called on connect, with the first packet; accepts the connection when left out. */
  readonly onConnect?: (socket: Socket, first: Buffer) => void
  /** Called with each later packet; without it the server does not respond. */
  readonly onQuery?: (socket: Socket) => void
}

/** Listens on a free port of 127.0.0.1. Close it in the end. */
export async function startFakePostgres({ onConnect, onQuery }: Behaviour) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (first) => {
      socket.on('data', () => onQuery?.(socket))
      if (onConnect === undefined) socket.write(welcome)
      else onConnect(socket, first)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `postgres://nobody@127.0.0.1:${port}/nothing`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
