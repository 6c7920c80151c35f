// A way to the database on which the answer to COMMIT gets lost: a proxy that cuts the connection in that moment.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A transaction that has sent this text loses the answer to its COMMIT; all others pass. */
export const marker = 'The answer to this COMMIT gets lost'

/** As the driver sends it: the text of a simple query. */
const commit = 'commit\0'

export interface LossyWay {
  /** Leads to the same database. */
  readonly url: string
  close(): Promise<void>
}

/** Whether what is said on the way to this database can be read there: over TCP, without TLS. */
export function isReadable(database_url: string | undefined): boolean {
  if (database_url === undefined) return false
  const { hostname, searchParams } = new URL(database_url)
  const is_plain = ['sslmode', 'ssl', 'host'].every((name) =>
    [null, 'disable', 'false'].includes(searchParams.get(name)),
  )
  return hostname !== '' && is_plain
}

export async function openLossyWay(database_url: string): Promise<LossyWay> {
  const target = new URL(database_url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname.replace(/^\[(.*)\]$/, '$1'))
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    carry(client, upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const way = new URL(database_url)
  way.hostname = '127.0.0.1'
  way.port = String((server.address() as AddressInfo).port)
  return {
    url: way.href,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** The COMMIT itself arrives: whether it was carried out, nobody on this side learns. */
function carry(client: Socket, upstream: Socket): void {
  let is_marked = false
  let is_lost = false
  client.on('data', (chunk) => {
    is_marked ||= chunk.includes(marker)
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
