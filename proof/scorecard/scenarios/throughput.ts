// S24, S25, S26: throughput and latency of reads and bookings, and the event-loop delay.
import { randomUUID } from 'node:crypto'
import { stay } from '../environment/keyed-bookings.ts'
import { seededProperties } from '../environment/seed.ts'
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { createProbe } from '../load/probe.ts'
import { atLeast, atMost, type Check, exactly, info, type Scenario } from '../scenario.ts'
import { shedding, withTarget } from '../target.ts'

const num_connections = 50
const seconds = 30

/** Checks of one load: failed answers and answers per second. */
function rateChecks({ statuses, good, seconds: duration_s }: Outcome, minimum: number): Check[] {
  const failed = Object.entries(statuses).filter(([status]) => !status.startsWith('2'))
  return [
    exactly(
      'answers other than 2xx',
      failed.reduce((sum, [, n]) => sum + n, 0),
      0,
    ),
    atLeast('successful answers', good.count / duration_s, minimum, '/s'),
  ]
}

export const reads: Scenario = {
  id: 'S24',
  title: 'Reads by id, 50 connections; event loop (S26)',
  seconds: { full: 42 },
  run: async () => {
    const probe = await createProbe()
    return withTarget(
      async ({ api, tokens }) => {
        const requests = seededProperties.north.map(({ id }) =>
          rawRequest('GET', `/api/v1/properties/${id}`, tokens.manager),
        )
        const plan = { port: api.port, requests, connections: num_connections }
        await runLoad({ ...plan, seconds: 3 })
        await probe.read()
        const outcome = await runLoad({ ...plan, seconds })
        const { delay_p99_ms, delay_max_ms } = await probe.read()
        return [
          ...rateChecks(outcome, 2500),
          info('p50', outcome.good.p50),
          atMost('p99', outcome.good.p99, 50, ' ms'),
          atMost('p99 of the event loop delay (S26)', delay_p99_ms, 25, ' ms'),
          atMost('longest event loop delay (S26)', delay_max_ms, 150, ' ms'),
        ]
      },
      { ...probe.env, ...shedding },
    )
  },
}

export const writes: Scenario = {
  id: 'S25',
  title: 'Bookings with keys, 50 connections',
  seconds: { full: 42 },
  run: () =>
    withTarget(async (target) => {
      const { api, tokens } = target
      const requests = Array.from({ length: 40_000 }, (_, n) => {
        const body = { ...stay(n), status: 'confirmed' }
        return rawRequest('POST', '/api/v1/bookings', tokens.manager, body, { 'idempotency-key': randomUUID() })
      })
      const warm_up = requests.splice(0, 1000)
      await runLoad({ port: api.port, requests: warm_up, once: true, connections: num_connections, seconds: 10 })
      const outcome = await runLoad({ port: api.port, requests, once: true, connections: num_connections, seconds })
      return [...rateChecks(outcome, 500), info('p50', outcome.good.p50), atMost('p99', outcome.good.p99, 120, ' ms')]
    }, shedding),
}
