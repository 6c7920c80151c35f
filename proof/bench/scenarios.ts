// The benchmark scenarios: measurements other than the rounds of cases.

import type { Figure } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { console } from './scenarios/console.ts'
import { embedded } from './scenarios/embedded.ts'
import { events } from './scenarios/events.ts'
import { imports } from './scenarios/imports.ts'
import { loopDelay } from './scenarios/loop-delay.ts'
import { memory } from './scenarios/memory.ts'
import { purge } from './scenarios/purge.ts'
import { storage } from './scenarios/storage.ts'

export interface Scenario {
  readonly id: string
  readonly title: string
  /** Approximate duration. Without `quick` the scenario is not part of --quick. */
  readonly seconds: { readonly full: number; readonly quick?: number }
  /** Always stops what it starts. */
  run(context: ScenarioContext): Promise<Figure[]>
}

interface ScenarioContext {
  readonly is_quick: boolean
  /** The fixture of the rounds, which contains their bookings. */
  readonly fixture: Fixture
}

export const scenarios: readonly Scenario[] = [
  loopDelay,
  memory,
  storage,
  purge,
  events,
  console,
  {
    id: 'imports',
    title: '3,000 listings and 10,000 stays, on PostgreSQL and embedded',
    seconds: { full: 120 },
    run: () => imports(),
  },
  {
    id: 'cold-start',
    title: 'time from process start until ready',
    seconds: { full: 60 },
    run: () => coldStart(),
  },
  {
    id: 'embedded',
    title: 'lists per second on the embedded database, with demo data and with 200,000 bookings',
    seconds: { full: 240 },
    run: ({ is_quick }) => embedded(is_quick ? { volume: 'none' } : {}),
  },
]
