// Memory of the API process beside 200,000 bookings, and over a million requests.
import { slope } from '../../scorecard/scenarios/memory.ts'
import { cases, reservedOf } from '../cases.ts'
import type { Measure } from '../scenarios.ts'
import { productionEnv, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'
import { runWrk } from '../wrk.ts'

const requests_in = { full: 1_000_000, quick: 50_000 }
/** Seconds of a part; memory is read between parts. */
const part = 5

export const memory: Measure = {
  id: 'memory',
  title: 'memory of the API over 1,000,000 requests of the mixed load',
  seconds: { full: 400 },
  run: async ({ is_quick, stand: { urls, ground, folder } }) => {
    const api = await serveRoost(folder, productionEnv(urls))
    try {
      const mixed = cases.find(({ id }) => id === 'mixed')
      let next = ground.volume.agencies * ground.volume.properties * 3000 + reservedOf(ground.volume)
      const megabytes: number[] = []
      let answered = 0
      const wanted = requests_in[is_quick ? 'quick' : 'full']
      while (answered < wanted) {
        const from = next
        const requests = Array.from({ length: 8000 * part }, (_, n) => mixed?.request(ground, from + n) ?? '')
        const { answers, refused, broken } = await runWrk({ port: api.port, requests, connections, seconds: part })
        if (refused + broken > 0) throw new Error(`${refused} answers were refusals, ${broken} requests broke`)
        next += answers + connections
        answered += answers
        megabytes.push(api.usage().rss_mb)
      }
      // In the first fifth the process takes what it needs.
      const later = megabytes.slice(Math.ceil(megabytes.length / 5))
      return [
        { name: 'requests', value: answered, unit: '' },
        { name: 'resident at most', value: Math.max(...megabytes), unit: 'MB', target: { at_most: 200 } },
        {
          name: 'growth over the last four fifths',
          value: slope(later) * later.length,
          unit: 'MB',
          target: { at_most: 10 },
        },
      ]
    } finally {
      await api.kill()
    }
  },
}
