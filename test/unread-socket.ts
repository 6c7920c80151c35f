// A client that sends requests and does not read the responses.
import { connect, type Socket } from 'node:net'

export interface UnreadAnswer {
  readonly socket: Socket
  /** Of the first response; undefined until its first bytes have arrived. */
  status(): number | undefined
  header(name: string): string | undefined
  /** Bytes of the body, by Content-Length, that have not been read; 0 without a Content-Length. */
  unread(): number
}

/** Opens a connection and sends `text`. Reads at most one socket buffer (64 KiB) from the kernel. */
export function askWithoutReading(port: number, text: string): UnreadAnswer {
  const socket = connect(port, '127.0.0.1')
  let first = ''
  socket.on('error', () => {})
  // Without a 'data' listener the connection stays paused: Node fills one buffer and stops.
  socket.once('readable', () => {
    first = (socket.read() as Buffer | null)?.toString('latin1') ?? ''
  })
  socket.write(text)

  function header(name: string): string | undefined {
    return new RegExp(`^${name}: (.*)\\r$`, 'im').exec(first.split('\r\n\r\n', 1)[0] ?? '')?.[1]
  }
  function status(): number | undefined {
    const digits = /^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  function unread(): number {
    const head_bytes = first.indexOf('\r\n\r\n') + 4
    const announced = Number(header('content-length') ?? 0)
    return Math.max(0, head_bytes + announced - socket.bytesRead)
  }
  return { socket, status, header, unread }
}
