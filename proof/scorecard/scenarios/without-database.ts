// S22: what is wrong before anybody need look at a row is refused without the database, and quickly.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { startRoost } from '../environment/roost-process.ts'
import { atMost, type Check, exactly, fired, type Measure } from '../scenario.ts'
import { strings } from './strings.ts'

const rounds = 200
const tooLarge = JSON.stringify({ email: 'x'.repeat(4096) })

/** By the status they must get. */
const requests: readonly (readonly [status: number, send: (sender: Sender) => ReturnType<Sender['send']>])[] = [
  [401, (sender) => sender.send('GET', 'bookings')],
  [401, (sender) => sender.send('GET', 'bookings', undefined, { authorization: 'Bearer not.a.token' })],
  [404, (sender) => sender.send('GET', 'castles')],
  [405, (sender) => sender.send('PUT', 'bookings')],
  [400, (sender) => sender.send('POST', 'auth/login', '{"email":')],
  [413, (sender) => sender.send('POST', 'auth/login', tooLarge)],
  [415, (sender) => sender.send('POST', 'auth/login', '<x/>', { 'content-type': 'text/xml' })],
  [422, (sender) => sender.send('POST', 'auth/login', {})],
  [431, (sender) => sender.send('GET', 'bookings', undefined, { a: 'x'.repeat(17_000) })],
]

export const withoutDatabase: Measure = {
  id: 'S22',
  title: 'Bad requests need no database',
  seconds: { full: 20 },
  run: () => withStage(asked),
}

async function asked(stage: Stage): Promise<Check[]> {
  const silent = await startSilence()
  stage.defer(silent.close)
  const env = { ...stage.env, DATABASE_URL: stage.urlOn(silent.port) }
  const api = await startRoost({ env, unready: true })
  stage.defer(() => api.kill())
  const sender = createSender(api.address)
  stage.defer(() => sender.close())
  await isListening(sender)
  let wrong = 0
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const [status, send] of requests) {
      const answer = await send(sender)
      if (answer.status !== status) wrong += 1
      times.push(answer.ended - answer.began)
    }
  }
  const good = await createSender(api.address, await stage.token('staff')).send('GET', 'bookings')
  return [
    fired('good requests that the database lets down', good.status === 503 ? 1 : 0),
    fired('requests', rounds * requests.length, rounds),
    exactly('bad requests answered otherwise', wrong, 0),
    atMost('p99', percentile(times, 0.99), 10, ' ms'),
    ...(await strings()),
  ]
}

/** A server that takes connections and says nothing. */
async function startSilence() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

async function isListening(sender: Sender): Promise<void> {
  const live = () => sender.send('GET', '/health/live').then(({ status }) => status === 200)
  await until(() => live().catch(() => false))
}
