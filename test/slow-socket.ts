// A client that sends its request very slowly.
import { connect, type Socket } from 'node:net'

/** Incomplete requests: they end within a header, within a body, within the request line. */
export const incompleteRequests = {
  headers: 'GET /health/live HTTP/1.1\r\nHost',
  body: 'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n',
  line: 'GET /',
}

/** Opens a connection that sends `text` and then a byte every `pause_ms` until it is closed. */
export function sendSlowly(port: number, text: string, pause_ms: number): Socket {
  const socket = connect(port, '127.0.0.1')
  const timer = setInterval(() => socket.write('x'), pause_ms)
  socket.on('error', () => {})
  socket.on('close', () => clearInterval(timer))
  socket.resume()
  socket.write(text)
  return socket
}
