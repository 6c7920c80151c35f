// Memory of the API process with 200,000 bookings over a million requests.
import { slope } from '../../scorecard/load/slope.ts'
import { cases, firstIndexOf } from '../cases.ts'
import type { Scenario } from '../scenarios.ts'
import { productionEnv, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'
import { runWrk } from '../wrk.ts'

const num_requests = { full: 1_000_000, quick: 50_000 }
/** Memory is read after each part of this duration. */
const part_seconds = 5

export const memory: Scenario = {
  id: 'memory',
  title: 'memory of the API over 1,000,000 requests of the mixed load',
  seconds: { full: 400 },
  run: async ({ is_quick, fixture: { urls, dataset, folder } }) => {
    const api = await serveRoost(folder, productionEnv(urls))
    try {
      const mixed = cases.find(({ id }) => id === 'mixed')
      let next = dataset.volume.agencies * dataset.volume.properties * 3000 + firstIndexOf(dataset.volume)
      const megabytes: number[] = []
      let answered = 0
      const wanted = num_requests[is_quick ? 'quick' : 'full']
      while (answered < wanted) {
        const from = next
        const requests = Array.from({ length: 8000 * part_seconds }, (_, n) => mixed?.request(dataset, from + n) ?? '')
        const { answers, refused, broken } = await runWrk({
          port: api.port,
          requests,
          connections,
          seconds: part_seconds,
        })
        if (refused + broken > 0) throw new Error(`${refused} requests were refused, ${broken} had no answer`)
        next += answers + connections
        answered += answers
        megabytes.push(api.usage().rss_mb)
      }
      // Memory still grows in the first fifth.
      const later = megabytes.slice(Math.ceil(megabytes.length / 5))
      return [
        { name: 'requests', value: answered, unit: '' },
        { name: 'maximum resident memory', value: Math.max(...megabytes), unit: 'MB', target: { at_most: 200 } },
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
