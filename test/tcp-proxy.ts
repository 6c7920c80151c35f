// A TCP proxy in front of a server, which can refuse, freeze or reset its connections.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** Number of accepted connections. */
  accepted(): number
  /** Connections are accepted but no byte is forwarded, as when the server's process is stopped. */
  pause(): void
  /** Refuses new connections and resets existing ones, as when the server is down. */
  refuse(): Promise<void>
  /** Ends `pause` and `refuse`. */
  resume(): Promise<void>
  /** Resets every open connection; returns how many. New ones are accepted. */
  drop(): number
  close(): Promise<void>
}

/**
 * Called with each chunk before it is forwarded, and with its connection. On 'cut' the chunk is dropped and the
 * connection is reset on both sides.
 */
export type Watch = (from: 'client' | 'server', chunk: Buffer, connection: object) => 'pass' | 'cut'

/** Listens on a free port of 127.0.0.1 and forwards to `target_port`. */
export async function startProxy(target_port: number, watch?: Watch): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let is_paused = false
  let accepted = 0

  const server = createServer((client) => {
    accepted += 1
    const upstream = connect(target_port, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    const mayPass = (from: 'client' | 'server') => (chunk: Buffer) => {
      const is_cut = watch?.(from, chunk, pair) === 'cut'
      if (is_cut) for (const socket of pair) socket.resetAndDestroy()
      return !is_cut
    }
    forward(client, upstream, mayPass('client'))
    forward(upstream, client, mayPass('server'))
    for (const socket of pair) {
      socket.once('close', () => pairs.delete(pair))
      if (is_paused) socket.pause()
    }
  })

  async function listen(port: number): Promise<void> {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }

  function drop(): number {
    const { size } = pairs
    for (const socket of [...pairs].flat()) socket.resetAndDestroy()
    pairs.clear()
    return size
  }

  async function refuse(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    drop()
    await closed
  }

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    accepted: () => accepted,
    pause() {
      is_paused = true
      for (const socket of [...pairs].flat()) socket.pause()
    },
    refuse,
    async resume() {
      is_paused = false
      for (const socket of [...pairs].flat()) socket.resume()
      if (!server.listening) await listen(port)
    },
    drop,
    close: refuse,
  }
}

function forward(from: Socket, to: Socket, mayPass: (chunk: Buffer) => boolean): void {
  from.on('data', (chunk) => {
    if (mayPass(chunk)) to.write(chunk)
  })
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}
