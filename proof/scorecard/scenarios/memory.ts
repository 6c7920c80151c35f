// S28: memory and file descriptors over a hundred thousand requests of all kinds.
import { setInterval as every } from 'node:timers/promises'
import { stay } from '../environment/bookings.ts'
import { homes } from '../environment/seed.ts'
import { rawRequest, runLoad } from '../load/plan.ts'
import { createProbe, type Probe } from '../load/probe.ts'
import { atMost, type Check, exactly, fired, type Measure, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const count = 100_000
/** The load comes in so many parts; memory is read between them, when nothing is under way. */
const parts = 25
/** Of those a fifth, in which the process takes what it needs. */
const warm_up = parts / 5

export const memory: Measure = {
  id: 'S28',
  title: 'Memory over 100,000 requests',
  seconds: { full: 80 },
  run: async () => {
    const probe = await createProbe()
    return onTarget((target) => watched(target, probe), probe.env)
  },
}

async function watched({ api, tokens }: Target, probe: Probe): Promise<Check[]> {
  const requests = mixture(tokens.manager)
  const part = () => runLoad({ port: api.port, requests, connections: 32, seconds: 60, count: count / parts })
  const megabytes: number[] = []
  let answered = 0
  let failed = 0
  let first_fds = 0
  let first_heap = 0
  for (let n = 0; n < parts; n += 1) {
    const { statuses } = await part()
    for (const [status, times] of Object.entries(statuses)) {
      answered += times
      if (status === '0' || status >= '500') failed += times
    }
    megabytes.push(api.usage().rss_mb)
    if (n === warm_up - 1) {
      first_fds = await idleDescriptors(api)
      first_heap = (await probe.read()).heap_mb
    }
  }
  const later = megabytes.slice(warm_up)
  const { heap_mb } = await probe.read()
  return [
    fired('requests', answered, count),
    exactly('answers 5xx, broken connections', failed, 0),
    atMost('growth over the last 80 % (slope)', slope(later) * later.length, 5, ' MB'),
    atMost('growth of the heap after a collection', (heap_mb / first_heap - 1) * 100, 3, ' %'),
    told('heap after a collection, MB', heap_mb),
    exactly('file descriptors more', (await idleDescriptors(api)) - first_fds, 0),
    told('resident in the end, MB', megabytes.at(-1) ?? 0),
  ]
}

/** Reads, lists, bookings, and everything that goes wrong: of ten requests three are no success. */
function mixture(token: string): string[] {
  const get = (path: string) => rawRequest('GET', path, token)
  return Array.from({ length: 1000 }, (_, n) => {
    const home = homes.north[n % homes.north.length]?.id
    switch (n % 10) {
      case 0:
        return rawRequest('POST', '/api/v1/bookings', token, stay(n))
      case 1:
        return get('/api/v1/bookings?limit=20')
      case 2:
        return get('/api/v1/nowhere')
      case 3:
        return rawRequest('POST', '/api/v1/bookings', token, { property_id: home })
      case 4:
        return rawRequest('GET', '/api/v1/me', 'not.a.token')
      default:
        return get(`/api/v1/properties/${home}`)
    }
  })
}

/** Once the connections of the load are gone. */
async function idleDescriptors(api: Target['api']): Promise<number> {
  let fewest = api.usage().fds
  let looks = 0
  for await (const _ of every(100)) {
    fewest = Math.min(fewest, api.usage().fds)
    looks += 1
    if (looks === 20) break
  }
  return fewest
}

/** Of the straight line through the numbers, per step. */
export function slope(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  const up = numbers.reduce((sum, n, i) => sum + (i - middle) * (n - mean), 0)
  return up / numbers.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
}
