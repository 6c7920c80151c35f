// Event-loop delay at 80 % of the capacity.
import { type Outcome, runLoad } from '../../scorecard/load/plan.ts'
import { createProbe } from '../../scorecard/load/probe.ts'
import { cases, firstIndexOf } from '../cases.ts'
import type { Scenario } from '../scenarios.ts'
import { productionEnv, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'

const share = 0.8

export const loopDelay: Scenario = {
  id: 'loop-delay',
  title: 'event-loop delay at 80 % of the mixed load',
  seconds: { full: 60, quick: 12 },
  run: async ({ is_quick, fixture: { urls, dataset, folder } }) => {
    const probe = await createProbe()
    const api = await serveRoost(folder, { ...productionEnv(urls), ...probe.env })
    try {
      const mixed = cases.find(({ id }) => id === 'mixed')
      // Starts after the nights that the rounds use.
      let next = dataset.volume.agencies * dataset.volume.properties * 7000 + firstIndexOf(dataset.volume)
      const requests = (count: number) => Array.from({ length: count }, () => mixed?.request(dataset, next++) ?? '')
      // Measures the capacity with the open-loop client, which needs more CPU than wrk.
      const load = (seconds: number) =>
        runLoad({ port: api.port, requests: requests(8000 * seconds), once: true, connections, seconds })
      await load(is_quick ? 1 : 3)
      const peak = await load(is_quick ? 2 : 10)
      requireStatuses(peak, ['200', '201'])
      const rate = (peak.good.count / peak.seconds) * share
      await probe.read()
      const seconds = is_quick ? 3 : 30
      const plan = { port: api.port, requests: requests(Math.ceil(rate * seconds)), once: true, rate, seconds }
      // Enough connections that no request waits for a free one during a pause of half a second.
      const outcome = await runLoad({ ...plan, connections: 1000 })
      const inside = await probe.read()
      requireStatuses(outcome, ['200', '201', '503'])
      const { 503: refused = 0, ...answered } = outcome.statuses
      const sent = Object.values(answered).reduce((sum, count) => sum + (count ?? 0), refused)
      return [
        {
          name: 'requests per second (80 % of the mixed load)',
          value: outcome.good.count / outcome.seconds,
          unit: '/s',
        },
        // After a pause of the machine some of the accumulated requests may be refused.
        { name: 'share of refused requests (503)', value: (refused / sent) * 100, unit: '%', target: { at_most: 1 } },
        { name: 'p99 of the answers', value: outcome.good.p99, unit: 'ms' },
        {
          name: 'p99 of the event-loop delay',
          value: inside.delay_p99_ms,
          unit: 'ms',
          target: { at_most: 15 },
        },
      ]
    } finally {
      await api.kill()
    }
  },
}

function requireStatuses({ statuses }: Outcome, expected: readonly string[]): void {
  if (Object.keys(statuses).every((status) => expected.includes(status))) return
  throw new Error(`unexpected statuses: ${JSON.stringify(statuses)}`)
}
