// S23: a thousand connections that drip half a request, while others are served.
import type { Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { drip, halves } from '../../../test/slow-socket.ts'
import { until } from '../../../test/until.ts'
import { steadyLoad, timesOf } from '../environment/steady.ts'
import { atMost, type Check, exactly, fired, type Measure } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const sockets = 1000

export const slowClients: Measure = {
  id: 'S23',
  title: '1000 connections that drip half a request',
  seconds: { full: 25 },
  run: () => onTarget(besieged),
}

async function besieged({ api, tokens }: Target): Promise<Check[]> {
  const load = steadyLoad({ address: api.address, token: tokens.staff, rate: 50 })
  const seenAtLeast = (n: number) => until(() => load.seen.length >= n)
  await seenAtLeast(100)
  const before = api.usage().rss_mb
  const kinds = Object.values(halves)
  const began = performance.now()
  let opened = 0
  const drips: Socket[] = Array.from({ length: sockets }, (_, n) => {
    const socket = drip(api.port, kinds[n % kinds.length] ?? '', 500)
    socket.once('connect', () => {
      opened += 1
    })
    return socket
  })
  await until(() => opened === sockets)
  const rss = api.usage().rss_mb
  const all_open = performance.now()
  await until(() => drips.every(({ destroyed }) => destroyed))
  const closed_ms = performance.now() - began
  const seen = await load.stop()
  const during = seen.filter((one) => one.began >= began)
  const steady = during.filter((one) => one.began >= all_open)
  return [
    fired('connections opened', opened, sockets),
    fired('requests of others meanwhile', during.length, 200),
    exactly('of them failed', during.filter(({ status }) => status === 0 || status >= 400).length, 0),
    atMost('p99 of others once all are open', percentile(timesOf(steady), 0.99), 250, ' ms'),
    atMost('all closed after', closed_ms, 15_000, ' ms'),
    atMost('memory they cost', rss - before, 60, ' MB'),
  ]
}
