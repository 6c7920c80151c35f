// S27: four times as many requests a second as one process can answer, whatever is still under way.
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { atLeast, atMost, type Check, exactly, fired, type Measure, told } from '../scenario.ts'
import { onTarget, shedding, type Target } from '../target.ts'

export const overload: Measure = {
  id: 'S27',
  title: 'Four times the capacity, open loop',
  seconds: { full: 45 },
  run: () => onTarget(overloaded, shedding),
}

async function overloaded({ api, tokens }: Target): Promise<Check[]> {
  // A page of a hundred homes: so dear that the generator has the processor time for four times as many.
  const requests = [rawRequest('GET', '/api/v1/properties?limit=100', tokens.manager)]
  await runLoad({ port: api.port, requests, connections: 20, seconds: 3 })
  const peak = await runLoad({ port: api.port, requests, connections: 20, seconds: 8 })
  const capacity = peak.good.count / peak.seconds
  const outcome = await runLoad({ port: api.port, requests, connections: 2000, rate: 4 * capacity, seconds: 20 })
  const after = await runLoad({ port: api.port, requests, connections: 2, seconds: 2 })
  const refused = outcome.statuses['503'] ?? 0
  return [
    told('capacity, answers a second', capacity),
    fired('requests refused with 503', refused),
    atLeast('goodput, share of the capacity', outcome.good.count / outcome.seconds / capacity, 0.8),
    atMost('p99 of what was answered', outcome.good.p99, 500, ' ms'),
    told('median of what was refused', outcome.others.p50),
    exactly('answers neither 200 nor 503, broken connections', strangers(outcome), 0),
    // Before anything is shed, half a second's requests wait. What the service does not take later lowers the goodput.
    told('not sent, since 2,000 clients waited already', outcome.statuses.unsent ?? 0),
    exactly('answers but 200 two seconds later', strangers(after) + (after.statuses['503'] ?? 0), 0),
  ]
}

function strangers({ statuses }: Outcome): number {
  const kinds = Object.entries(statuses).filter(([status]) => !['200', '503', 'unsent'].includes(status))
  return kinds.reduce((sum, [, n]) => sum + n, 0)
}
