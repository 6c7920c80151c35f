// A TCP proxy to PostgreSQL that closes the connection before the reply to a marked COMMIT.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A transaction that has sent this text does not receive the reply to its COMMIT. Others are not affected. */
export const lost_commit_marker = 'The answer to this COMMIT gets lost'

/** As the driver sends it: the text of a simple query. */
const commit = 'commit\0'

export interface LossyProxy {
  /** Connects to the same database, through the proxy. */
  readonly url: string
  close(): Promise<void>
}

/** Whether the proxy can read the protocol of this connection: over TCP, without TLS. */
export function isReadable(database_url: string | undefined): boolean {
  if (database_url === undefined) return false
  const { hostname, searchParams } = new URL(database_url)
  const is_plain = ['sslmode', 'ssl', 'host'].every((name) =>
    [null, 'disable', 'false'].includes(searchParams.get(name)),
  )
  return hostname !== '' && is_plain
}

export async function openLossyProxy(database_url: string): Promise<LossyProxy> {
  const target = new URL(database_url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname.replace(/^\[(.*)\]$/, '$1'))
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    forward(client, upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(database_url)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** The marked COMMIT reaches the server; its reply does not reach the client. */
function forward(client: Socket, upstream: Socket): void {
  let is_marked = false
  let is_lost = false
  client.on('data', (chunk) => {
    is_marked ||= chunk.includes(lost_commit_marker)
    is_lost ||= is_marked && chunk.includes(commit)
    upstream.write(chunk)
  })
  upstream.on('data', (chunk) => {
    if (is_lost) client.destroy()
    else client.write(chunk)
  })
  client.on('close', () => upstream.end())
  upstream.on('close', () => client.destroy())
}
