// What each connection has under way: how many answers are due on it, and whether its client takes them.
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionLimits {
  /** Requests on one connection whose answers are still due. */
  readonly pipelined: number
  /** How often clients are looked at. Times are counted in looks: a process that stood still takes nothing from anybody. */
  readonly look_ms: number
  /** A client that takes no byte of what is due between so many looks loses its connection. */
  readonly stall_looks: number
  /** A client that never has everything that is due during so many looks must take at least `window_bytes` meanwhile. */
  readonly window_looks: number
  readonly window_bytes: number
}

export const connectionLimits: ConnectionLimits = {
  pipelined: 16,
  look_ms: 1000,
  stall_looks: 10,
  window_looks: 60,
  window_bytes: 256 * 1024,
}

interface Connection {
  readonly due: Set<ServerResponse>
  /** Bytes that the kernel has taken since the connection began, and for how many looks no more. */
  sent: number
  stalled: number
  /** The same at the beginning of the window, and how many looks that is ago. */
  window_sent: number
  window_age: number
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
    timer = setInterval(look, limits.look_ms).unref()
  })
  server.on('close', () => clearInterval(timer))

  function look(): void {
    for (const [socket, connection] of connections) {
      if (isTooSlow(socket, connection, limits)) socket.resetAndDestroy()
    }
  }

  function open(socket: Socket): Connection {
    const connection = { due: new Set<ServerResponse>(), sent: 0, stalled: 0, window_sent: 0, window_age: 0 }
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
function isTooSlow(socket: Socket, connection: Connection, limits: ConnectionLimits): boolean {
  const { bytesWritten = 0, writeQueueSize = 0 } = (socket as WithHandle)._handle ?? {}
  const sent = bytesWritten - writeQueueSize
  const has_all = socket.writableLength === 0
  connection.stalled = has_all || sent !== connection.sent ? 0 : connection.stalled + 1
  connection.sent = sent
  connection.window_age = has_all ? 0 : connection.window_age + 1
  const is_window_over = connection.window_age >= limits.window_looks
  const is_slow = is_window_over && sent - connection.window_sent < limits.window_bytes
  if (has_all || is_window_over) Object.assign(connection, { window_sent: sent, window_age: 0 })
  return is_slow || connection.stalled >= limits.stall_looks
}
