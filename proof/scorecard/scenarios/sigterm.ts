// S29: SIGTERM while 50 clients send requests continuously.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createSender } from '../../../test/sender.ts'
import { withEnvironment } from '../environment/environment.ts'
import { formatCounts, stay } from '../environment/keyed-bookings.ts'
import type { RoostProcess } from '../environment/roost-process.ts'
import { seededProperties } from '../environment/seed.ts'
import { countByKind, isSuccess, type Observation, observe } from '../environment/steady-load.ts'
import { atMost, exactly, info, injected, type Scenario } from '../scenario.ts'

const num_clients = 50

export const sigterm: Scenario = {
  id: 'S29',
  title: 'SIGTERM under load: requests in progress are answered',
  seconds: { full: 110 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const rounds = size === 'full' ? 20 : 2
      const token = await environment.token('staff')
      // As in a small deployment, the worker runs in the same process.
      const api = await environment.serve({ WORKER: 'inline' })
      const in_flight: Observation[] = []
      const later: Observation[] = []
      const slowest = { ms: 0 }
      let bad_exits = 0
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await api.start()
        const clients = startClients(api, token, round)
        await delay(600 + Math.random() * 400)
        const signalled = performance.now()
        const { code, ms } = await api.kill('SIGTERM')
        if (code !== 0) bad_exits += 1
        slowest.ms = Math.max(slowest.ms, ms)
        const observations = await clients.stop()
        in_flight.push(...observations.filter(({ began, ended }) => began < signalled && ended > signalled))
        later.push(...observations.filter(({ began }) => began >= signalled))
      }
      const failed = in_flight.filter((one) => !isSuccess(one))
      return [
        injected('requests in progress at SIGTERM', in_flight.length, rounds * 10),
        exactly('of these without a successful answer', failed.length, 0),
        exactly('exit codes other than 0', bad_exits, 0),
        atMost('slowest exit', slowest.ms, 10_000, ' ms'),
        info('failed requests by kind', formatCounts(countByKind(failed))),
        info('later requests by kind', formatCounts(countByKind(later))),
      ]
    }),
}

/** Clients that send requests, one in five a booking; each stops when its connection is refused. */
function startClients(api: RoostProcess, token: string, round: number) {
  const sender = createSender(api.address, token)
  const observations: Observation[] = []
  let is_over = false

  function sendNext(n: number): Promise<Observation> {
    if (n % 5 > 0)
      return observe(false, () =>
        sender.send('GET', `properties/${seededProperties.north[n % seededProperties.north.length]?.id}`),
      )
    return observe(true, () => sender.send('POST', 'bookings', stay(n), { 'idempotency-key': randomUUID() }))
  }

  async function runClient(client: number): Promise<void> {
    for (let n = client; !is_over; n += num_clients) {
      const one = await sendNext(n + round * 20_000)
      observations.push(one)
      if (one.code === 'ECONNREFUSED') return
    }
  }

  const running = Promise.all(Array.from({ length: num_clients }, (_, client) => runClient(client)))
  return {
    async stop() {
      is_over = true
      await running
      sender.close()
      return observations
    },
  }
}
