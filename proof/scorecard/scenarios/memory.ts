// S28: memory and file descriptors over 100,000 requests of all kinds.
import { setTimeout as delay } from 'node:timers/promises'
import { stay } from '../environment/keyed-bookings.ts'
import { seededProperties } from '../environment/seed.ts'
import { rawRequest, runLoad } from '../load/plan.ts'
import { createProbe, type Probe } from '../load/probe.ts'
import { slope } from '../load/slope.ts'
import { atMost, type Check, exactly, info, injected, type Scenario } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const count = 100_000
/** The load is split into parts; memory is read between them, when no request is in progress. */
const parts = 25
/** Parts before the first reading, while memory still grows. */
const warm_up = parts / 5

export const memory: Scenario = {
  id: 'S28',
  title: 'Memory over 100,000 requests',
  seconds: { full: 80 },
  run: async () => {
    const probe = await createProbe()
    return withTarget((target) => measureMemory(target, probe), probe.env)
  },
}

async function measureMemory({ api, tokens }: Target, probe: Probe): Promise<Check[]> {
  const requests = mixedRequests(tokens.manager)
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
    injected('requests', answered, count),
    exactly('answers 5xx and broken connections', failed, 0),
    atMost('growth over the last 80 % (slope)', slope(later) * later.length, 5, ' MB'),
    atMost('heap growth after garbage collection', (heap_mb / first_heap - 1) * 100, 3, ' %'),
    info('heap after garbage collection, MB', heap_mb),
    exactly('additional file descriptors', (await idleDescriptors(api)) - first_fds, 0),
    info('resident memory at the end, MB', megabytes.at(-1) ?? 0),
  ]
}

/** Reads, lists, bookings and errors: three of ten requests fail. */
function mixedRequests(token: string): string[] {
  const get = (path: string) => rawRequest('GET', path, token)
  return Array.from({ length: 1000 }, (_, n) => {
    const property_id = seededProperties.north[n % seededProperties.north.length]?.id
    switch (n % 10) {
      case 0:
        return rawRequest('POST', '/api/v1/bookings', token, stay(n))
      case 1:
        return get('/api/v1/bookings?limit=20')
      case 2:
        return get('/api/v1/nowhere')
      case 3:
        return rawRequest('POST', '/api/v1/bookings', token, { property_id })
      case 4:
        return rawRequest('GET', '/api/v1/me', 'not.a.token')
      default:
        return get(`/api/v1/properties/${property_id}`)
    }
  })
}

/** The lowest number of file descriptors over two seconds, after the connections of the load are closed. */
async function idleDescriptors(api: Target['api']): Promise<number> {
  let fewest = api.usage().fds
  for (let n = 0; n < 20; n += 1) {
    await delay(100)
    fewest = Math.min(fewest, api.usage().fds)
  }
  return fewest
}
