// S24, S25 and S26: how many reads and bookings a second one process answers, how quickly, and how late its event loop is.
import { randomUUID } from 'node:crypto'
import { stay } from '../environment/bookings.ts'
import { homes } from '../environment/seed.ts'
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { createProbe } from '../load/probe.ts'
import { atLeast, atMost, type Check, exactly, type Measure, told } from '../scenario.ts'
import { onTarget, shedding } from '../target.ts'

const connections = 50
const seconds = 30

/** Of a whole load: answers that are no success, and answers a second. */
function rate({ statuses, good, seconds: lasted }: Outcome, least: number): Check[] {
  const failed = Object.entries(statuses).filter(([status]) => !status.startsWith('2'))
  return [
    exactly(
      'answers that are no success',
      failed.reduce((sum, [, n]) => sum + n, 0),
      0,
    ),
    atLeast('answers', good.count / lasted, least, '/s'),
  ]
}

export const reads: Measure = {
  id: 'S24',
  title: 'Reads by id, 50 connections; event loop (S26)',
  seconds: { full: 42 },
  run: async () => {
    const probe = await createProbe()
    return onTarget(
      async ({ api, tokens }) => {
        const requests = homes.north.map(({ id }) => rawRequest('GET', `/api/v1/properties/${id}`, tokens.manager))
        const plan = { port: api.port, requests, connections }
        await runLoad({ ...plan, seconds: 3 })
        await probe.read()
        const outcome = await runLoad({ ...plan, seconds })
        const { delay_p99_ms, delay_max_ms } = await probe.read()
        return [
          ...rate(outcome, 2500),
          told('p50', outcome.good.p50),
          atMost('p99', outcome.good.p99, 50, ' ms'),
          atMost('p99 of the event loop delay (S26)', delay_p99_ms, 25, ' ms'),
          atMost('longest event loop delay (S26)', delay_max_ms, 150, ' ms'),
        ]
      },
      { ...probe.env, ...shedding },
    )
  },
}

export const writes: Measure = {
  id: 'S25',
  title: 'Bookings with keys, 50 connections',
  seconds: { full: 42 },
  run: () =>
    onTarget(async (target) => {
      const { api, tokens } = target
      const requests = Array.from({ length: 40_000 }, (_, n) => {
        const body = { ...stay(n), status: 'confirmed' }
        return rawRequest('POST', '/api/v1/bookings', tokens.manager, body, { 'idempotency-key': randomUUID() })
      })
      const warm_up = requests.splice(0, 1000)
      await runLoad({ port: api.port, requests: warm_up, once: true, connections, seconds: 10 })
      const outcome = await runLoad({ port: api.port, requests, once: true, connections, seconds })
      return [...rate(outcome, 500), told('p50', outcome.good.p50), atMost('p99', outcome.good.p99, 120, ' ms')]
    }, shedding),
}
