// S23: 1,000 connections send incomplete requests slowly while other clients are served.
import type { Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { incompleteRequests, sendSlowly } from '../../../test/slow-socket.ts'
import { until } from '../../../test/until.ts'
import { durationsOf, startSteadyLoad } from '../environment/steady-load.ts'
import { atMost, type Check, exactly, injected, type Scenario } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_sockets = 1000

export const slowClients: Scenario = {
  id: 'S23',
  title: '1,000 connections that send incomplete requests slowly',
  seconds: { full: 25 },
  run: () => withTarget(measureSlowClients),
}

async function measureSlowClients({ api, tokens }: Target): Promise<Check[]> {
  const load = startSteadyLoad({ address: api.address, token: tokens.staff, rate: 50 })
  const waitForObservations = (n: number) => until(() => load.observations.length >= n)
  await waitForObservations(100)
  const before_mb = api.usage().rss_mb
  const kinds = Object.values(incompleteRequests)
  const began = performance.now()
  let opened = 0
  const drips: Socket[] = Array.from({ length: num_sockets }, (_, n) => {
    const socket = sendSlowly(api.port, kinds[n % kinds.length] ?? '', 500)
    socket.once('connect', () => {
      opened += 1
    })
    return socket
  })
  await until(() => opened === num_sockets)
  const open_mb = api.usage().rss_mb
  const all_open = performance.now()
  await until(() => drips.every(({ destroyed }) => destroyed))
  const closed_ms = performance.now() - began
  const observations = await load.stop()
  const during = observations.filter((one) => one.began >= began)
  const steady = during.filter((one) => one.began >= all_open)
  return [
    injected('connections opened', opened, num_sockets),
    injected('requests of other clients', during.length, 200),
    exactly(
      'requests of other clients that failed',
      during.filter(({ status }) => status === 0 || status >= 400).length,
      0,
    ),
    atMost('p99 of other clients once all are open', percentile(durationsOf(steady), 0.99), 250, ' ms'),
    atMost('time until all are closed', closed_ms, 15_000, ' ms'),
    atMost('memory growth', open_mb - before_mb, 60, ' MB'),
  ]
}
