// Limits pipelined requests per connection, and closes connections whose client reads too slowly.
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface ConnectionLimits {
  /** The maximum number of requests on one connection without a complete response. */
  readonly pipelined: number
  /** The interval of the checks. Times are counted in checks, so that a blocked process does not close connections. */
  readonly check_interval_ms: number
  /** A connection is closed after so many checks in which the client has read no byte of a pending response. */
  readonly stall_checks: number
  /** While a response is pending, the client must read at least `window_bytes` in so many checks. */
  readonly window_checks: number
  readonly window_bytes: number
}

const connectionLimits: ConnectionLimits = {
  pipelined: 16,
  check_interval_ms: 1000,
  stall_checks: 10,
  window_checks: 60,
  window_bytes: 256 * 1024,
}

interface Connection {
  readonly pending: Set<ServerResponse>
  /** The bytes accepted by the kernel since the connection began, and the checks since the last change. */
  sent: number
  stalled: number
  /** The bytes at the start of the window, and its age in checks. */
  window_sent: number
  window_age: number
}

/** The socket timeout of Node uses the same two counters. No documented API shows the progress of a single write. */
interface WithHandle {
  readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null
}

/**
 * Monitors the connections of a server. Call the returned function with each request before it is handled: it returns false and
 * closes the connection when too many responses are pending. Node itself has no such limit: it parses up to 64 KiB of pipelined
 * requests (about a thousand) at once.
 */
export function watchConnections(server: Server, limits = connectionLimits): (response: ServerResponse) => boolean {
  const connections = new Map<Socket, Connection>()
  let timer: NodeJS.Timeout | undefined
  server.on('listening', () => {
    timer = setInterval(closeSlow, limits.check_interval_ms).unref()
  })
  server.on('close', () => clearInterval(timer))

  function closeSlow(): void {
    for (const [socket, connection] of connections) {
      if (isTooSlow(socket, connection, limits)) socket.resetAndDestroy()
    }
  }

  function open(socket: Socket): Connection {
    const connection = { pending: new Set<ServerResponse>(), sent: 0, stalled: 0, window_sent: 0, window_age: 0 }
    connections.set(socket, connection)
    socket.once('close', () => {
      connections.delete(socket)
      for (const response of connection.pending) closeUnsent(response)
    })
    return connection
  }

  return (response) => {
    const { socket } = response.req
    const { pending } = connections.get(socket) ?? open(socket)
    if (pending.size >= limits.pipelined) {
      socket.destroy()
      return false
    }
    pending.add(response)
    response.once('close', () => pending.delete(response))
    return true
  }
}

/** Node emits 'close' on the response that is being sent, but not on those queued behind it. */
function closeUnsent(response: ServerResponse): void {
  if (response.socket !== null || response.writableFinished) return
  response.destroy()
  response.emit('close')
}

/** Whether the client reads too slowly. Times without data in the write buffer do not count. */
function isTooSlow(socket: Socket, connection: Connection, limits: ConnectionLimits): boolean {
  const { bytesWritten = 0, writeQueueSize = 0 } = (socket as WithHandle)._handle ?? {}
  const sent = bytesWritten - writeQueueSize
  const has_read_all = socket.writableLength === 0
  connection.stalled = has_read_all || sent !== connection.sent ? 0 : connection.stalled + 1
  connection.sent = sent
  connection.window_age = has_read_all ? 0 : connection.window_age + 1
  const is_window_over = connection.window_age >= limits.window_checks
  const is_slow = is_window_over && sent - connection.window_sent < limits.window_bytes
  if (has_read_all || is_window_over) Object.assign(connection, { window_sent: sent, window_age: 0 })
  return is_slow || connection.stalled >= limits.stall_checks
}
