// S22: invalid requests are refused quickly while the database does not answer.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { startRoost } from '../environment/roost-process.ts'
import { atMost, type Check, exactly, injected, type Scenario } from '../scenario.ts'
import { patternCost } from './pattern-cost.ts'

const rounds = 200
const tooLarge = JSON.stringify({ email: 'x'.repeat(4096) })

/** Requests and their expected status. */
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

export const withoutDatabase: Scenario = {
  id: 'S22',
  title: 'Invalid requests are refused without the database',
  seconds: { full: 20 },
  run: () => withEnvironment(checkRefusals),
}

async function checkRefusals(environment: Environment): Promise<Check[]> {
  const silent = await startSilentServer()
  environment.defer(silent.close)
  const env = { ...environment.env, DATABASE_URL: environment.urlOn(silent.port) }
  const api = await startRoost({ env, unready: true })
  environment.defer(() => api.kill())
  const sender = createSender(api.address)
  environment.defer(() => sender.close())
  await waitUntilListening(sender)
  let wrong = 0
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const [status, send] of requests) {
      const answer = await send(sender)
      if (answer.status !== status) wrong += 1
      times.push(answer.ended - answer.began)
    }
  }
  const valid = await createSender(api.address, await environment.token('staff')).send('GET', 'bookings')
  return [
    injected('valid request answered 503', valid.status === 503 ? 1 : 0),
    injected('requests', rounds * requests.length, rounds),
    exactly('invalid requests with another status', wrong, 0),
    atMost('p99', percentile(times, 0.99), 10, ' ms'),
    ...(await patternCost()),
  ]
}

/** A TCP server that accepts connections and never sends anything. */
async function startSilentServer() {
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

async function waitUntilListening(sender: Sender): Promise<void> {
  const live = () => sender.send('GET', '/health/live').then(({ status }) => status === 200)
  await until(() => live().catch(() => false))
}
