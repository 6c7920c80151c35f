// A mail server for tests: stores what it accepts, and answers a command as told.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

interface ReceivedMail {
  readonly from: string
  readonly to: string
  /** Headers and body as sent. */
  readonly data: string
}

export interface FakeSmtp {
  /** For SMTP_URL. */
  readonly url: string
  readonly received: ReceivedMail[]
  /** Answers this command from now on, instead of accepting it: `{ RCPT: '550 5.1.1 unknown' }`. */
  readonly answers: Partial<Record<'MAIL' | 'RCPT' | 'DATA' | 'AUTH', string>>
  close(): Promise<void>
}

export async function startFakeSmtp(): Promise<FakeSmtp> {
  const received: ReceivedMail[] = []
  const answers: FakeSmtp['answers'] = {}
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, received, answers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    answers,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(socket: Socket, received: ReceivedMail[], answers: FakeSmtp['answers']): void {
  let input = ''
  let is_data = false
  let envelope = { from: '', to: '' }
  const reply = (line: string) => socket.write(`${line}\r\n`)

  function command(line: string): void {
    const [verb = ''] = line.toUpperCase().split(' ')
    const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
    const told = answers[verb as keyof FakeSmtp['answers']]
    if (told !== undefined) return void reply(told)
    if (verb === 'MAIL') envelope = { from: address, to: '' }
    if (verb === 'RCPT') envelope = { ...envelope, to: address }
    if (verb === 'DATA') is_data = true
    if (verb === 'QUIT') return void socket.end('221 bye\r\n')
    reply(verb === 'DATA' ? '354 send it' : '250 ok')
  }

  reply('220 fake.example ESMTP')
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    input += chunk.toString()
    for (;;) {
      const end = input.indexOf(is_data ? '\r\n.\r\n' : '\r\n')
      if (end < 0) return
      const text = input.slice(0, end)
      input = input.slice(end + (is_data ? 5 : 2))
      if (is_data) {
        is_data = false
        received.push({ ...envelope, data: text })
        reply('250 queued')
      } else command(text)
    }
  })
}
