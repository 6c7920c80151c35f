// A client that asks and does not read the answer: the first bytes for its status, then nothing more.
import { connect, type Socket } from 'node:net'

export interface UnreadAnswer {
  readonly socket: Socket
  /** Of the first answer; undefined until its first bytes are there. */
  status(): number | undefined
  header(name: string): string | undefined
  /** Bytes of the body that its head announced and nobody has taken from the connection; 0 when it announced none. */
  unread(): number
}

/** Opens a connection and sends `text`. At most one buffer of the connection (64 KiB) is taken from the kernel. */
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
