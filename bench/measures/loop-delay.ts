// How late the event loop is while the service has four fifths of what it can do.
import { runLoad } from '../../scorecard/load/plan.ts'
import { createProbe } from '../../scorecard/load/probe.ts'
import { cases, reservedOf } from '../cases.ts'
import { connections } from '../contestants/contestant.ts'
import { productionEnv, serveRoost } from '../contestants/roost.ts'
import type { Measure } from '../measures.ts'
import { runWrk } from '../wrk.ts'

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
      const load = (seconds: number) =>
        runWrk({ port: api.port, requests: requests(8000 * seconds), connections, seconds })
      await load(is_quick ? 1 : 3)
      const peak = await load(is_quick ? 2 : 10)
      if (peak.refused + peak.broken > 0) throw new Error(`${peak.refused} answers were refusals, ${peak.broken} broke`)
      const rate = (peak.answers / peak.seconds) * share
      await probe.read()
      const seconds = is_quick ? 3 : 30
      const plan = { port: api.port, requests: requests(Math.ceil(rate * seconds)), once: true, rate, seconds }
      const outcome = await runLoad({ ...plan, connections: 10 * connections })
      const inside = await probe.read()
      const failed = Object.entries(outcome.statuses).filter(([status]) => !status.startsWith('2'))
      if (failed.length > 0) throw new Error(`not everything was answered: ${JSON.stringify(outcome.statuses)}`)
      return [
        {
          name: 'requests a second (80 % of the mixed load)',
          value: outcome.good.count / outcome.seconds,
          unit: '/s',
        },
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
