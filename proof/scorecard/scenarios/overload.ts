// S27: open-loop load at four times the capacity of one process.
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { atLeast, atMost, type Check, exactly, info, injected, type Scenario } from '../scenario.ts'
import { shedding, type Target, withTarget } from '../target.ts'

export const overload: Scenario = {
  id: 'S27',
  title: 'Open-loop load at four times the capacity',
  seconds: { full: 45 },
  run: () => withTarget(measureOverload, shedding),
}

async function measureOverload({ api, tokens }: Target): Promise<Check[]> {
  // Pages of 100 properties are expensive enough that the load generator can send four times the capacity.
  const requests = [rawRequest('GET', '/api/v1/properties?limit=100', tokens.manager)]
  await runLoad({ port: api.port, requests, connections: 20, seconds: 3 })
  const peak = await runLoad({ port: api.port, requests, connections: 20, seconds: 8 })
  const capacity = peak.good.count / peak.seconds
  const outcome = await runLoad({ port: api.port, requests, connections: 2000, rate: 4 * capacity, seconds: 20 })
  const after = await runLoad({ port: api.port, requests, connections: 2, seconds: 2 })
  const refused = outcome.statuses['503'] ?? 0
  return [
    info('capacity, answers per second', capacity),
    injected('requests refused with 503', refused),
    atLeast('goodput divided by capacity', outcome.good.count / outcome.seconds / capacity, 0.8),
    atMost('p99 of answers 200', outcome.good.p99, 500, ' ms'),
    info('median of refusals, ms', outcome.others.p50),
    exactly('answers other than 200 and 503, broken connections', countUnexpected(outcome), 0),
    // Unsent requests lower the goodput if the service could have answered them.
    info('requests not sent because all 2,000 connections were in use', outcome.statuses.unsent ?? 0),
    exactly('answers other than 200 after the overload', countUnexpected(after) + (after.statuses['503'] ?? 0), 0),
  ]
}

function countUnexpected({ statuses }: Outcome): number {
  const kinds = Object.entries(statuses).filter(([status]) => !['200', '503', 'unsent'].includes(status))
  return kinds.reduce((sum, [, n]) => sum + n, 0)
}
