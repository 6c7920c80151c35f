// What each connection has under way: how many answers are due on it, and whether its client takes them.
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionLimits {
  /** Requests on one connection whose answers are still due. */
  readonly pipelined: number
  /** A client that takes no byte of what is due for so long loses its connection. */
  readonly stall_ms: number
  /** A client that never has everything that is due within `window_ms` must take at least `window_bytes` in it. */
  readonly window_ms: number
  readonly window_bytes: number
  /** How often clients are looked at. */
  readonly tick_ms: number
}

export const connectionLimits: ConnectionLimits = {
  pipelined: 16,
  stall_ms: 10_000,
  window_ms: 60_000,
  window_bytes: 256 * 1024,
  tick_ms: 1000,
}

/** Bytes are counted since the connection began, times are of performance.now(). */
interface Connection {
  readonly due: Set<ServerResponse>
  /** What the kernel has taken so far. */
  sent: number
  sent_at: number
  window_sent: number
  window_at: number
}

/** Node's own timeout of a socket reads the same two counters of the handle: no other tells how far one write has come. */
interface WithHandle {
  readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null
}

/**
 * Watches the clients of a server. Returns a function to call with each request before it is handled: false when too many
 * answers are due on the connection, which is closed then. Node reads up to 64 KiB of requests at once, some thousand, before
 * it looks at what is due.
 */
export function watchConnections(server: Server, limits = connectionLimits): (response: ServerResponse) => boolean {
  const connections = new Map<Socket, Connection>()
  let timer: NodeJS.Timeout | undefined
  server.on('listening', () => {
    timer = setInterval(check, limits.tick_ms).unref()
  })
  server.on('close', () => clearInterval(timer))

  function check(): void {
    const now = performance.now()
    for (const [socket, connection] of connections) {
      if (isTooSlow(socket, connection, now, limits)) socket.resetAndDestroy()
    }
  }

  function open(socket: Socket): Connection {
    const now = performance.now()
    const connection = { due: new Set<ServerResponse>(), sent: 0, sent_at: now, window_sent: 0, window_at: now }
    connections.set(socket, connection)
    socket.once('close', () => {
      connections.delete(socket)
      for (const response of connection.due) closeUnsent(response)
    })
    return connection
  }

  return (response) => {
    const { socket } = response.req
    const { due } = connections.get(socket) ?? open(socket)
    if (due.size >= limits.pipelined) {
      socket.destroy()
      return false
    }
    due.add(response)
    response.once('close', () => due.delete(response))
    return true
  }
}

/** Node says that to the response that is being sent, not to those that wait for their turn on the connection. */
function closeUnsent(response: ServerResponse): void {
  if (response.socket !== null || response.writableFinished) return
  response.destroy()
  response.emit('close')
}

/** Whether the client takes less than it must. While nothing waits to be sent, it is the process that is waited for. */
function isTooSlow(socket: Socket, connection: Connection, now: number, limits: ConnectionLimits): boolean {
  const { bytesWritten = 0, writeQueueSize = 0 } = (socket as WithHandle)._handle ?? {}
  const sent = bytesWritten - writeQueueSize
  const has_all = socket.writableLength === 0
  if (has_all || sent !== connection.sent) Object.assign(connection, { sent, sent_at: now })
  if (has_all) Object.assign(connection, { window_sent: sent, window_at: now })
  if (now - connection.sent_at >= limits.stall_ms) return true
  if (now - connection.window_at < limits.window_ms) return false
  const is_slow = sent - connection.window_sent < limits.window_bytes
  Object.assign(connection, { window_sent: sent, window_at: now })
  return is_slow
}
