// How late the event loop is while the service has four fifths of what it can do.
import { type Outcome, runLoad } from '../../scorecard/load/plan.ts'
import { createProbe } from '../../scorecard/load/probe.ts'
import { cases, reservedOf } from '../cases.ts'
import type { Measure } from '../scenarios.ts'
import { productionEnv, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'

const share = 0.8

export const loopDelay: Measure = {
  id: 'loop-delay',
  title: 'event-loop delay at 80 % of the mixed load',
  seconds: { full: 60, quick: 12 },
  run: async ({ is_quick, stand: { urls, ground, folder } }) => {
    const probe = await createProbe()
    const api = await serveRoost(folder, { ...productionEnv(urls), ...probe.env })
    try {
      const mixed = cases.find(({ id }) => id === 'mixed')
      // Far behind the nights of the rounds, from the end of the time there is.
      let next = ground.volume.agencies * ground.volume.properties * 7000 + reservedOf(ground.volume)
      const requests = (count: number) => Array.from({ length: count }, () => mixed?.request(ground, next++) ?? '')
      // With the client of the open loop: it takes more of the processors than wrk does, so there is less to have with it.
      const load = (seconds: number) =>
        runLoad({ port: api.port, requests: requests(8000 * seconds), once: true, connections, seconds })
      await load(is_quick ? 1 : 3)
      const peak = await load(is_quick ? 2 : 10)
      requireAnswers(peak, ['200', '201'])
      const rate = (peak.good.count / peak.seconds) * share
      await probe.read()
      const seconds = is_quick ? 3 : 30
      const plan = { port: api.port, requests: requests(Math.ceil(rate * seconds)), once: true, rate, seconds }
      // So many that none has to wait for a free one: the loop stays open through a pause of half a second.
      const outcome = await runLoad({ ...plan, connections: 1000 })
      const inside = await probe.read()
      requireAnswers(outcome, ['200', '201', '503'])
      const { 503: refused = 0, ...answered } = outcome.statuses
      const asked = Object.values(answered).reduce((sum, count) => sum + (count ?? 0), refused)
      return [
        {
          name: 'requests a second (80 % of the mixed load)',
          value: outcome.good.count / outcome.seconds,
          unit: '/s',
        },
        // A machine that stands still for a moment has more to do afterwards than it can: some of that may be refused.
        { name: 'refused (503) of them', value: (refused / asked) * 100, unit: '%', target: { at_most: 1 } },
        { name: 'p99 of the answers then', value: outcome.good.p99, unit: 'ms' },
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

function requireAnswers({ statuses }: Outcome, expected: readonly string[]): void {
  if (Object.keys(statuses).every((status) => expected.includes(status))) return
  throw new Error(`not everything was answered: ${JSON.stringify(statuses)}`)
}
