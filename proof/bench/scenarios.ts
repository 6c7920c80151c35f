// What is measured beside the rounds, each with its own service or none.

import type { Stand } from './dataset.ts'
import type { Figure } from './figures.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { embedded } from './scenarios/embedded.ts'
import { imports } from './scenarios/imports.ts'
import { loopDelay } from './scenarios/loop-delay.ts'
import { memory } from './scenarios/memory.ts'
import { purge } from './scenarios/purge.ts'
import { storage } from './scenarios/storage.ts'

export interface Measure {
  readonly id: string
  readonly title: string
  /** About how long it takes. Without `quick` it is left out there. */
  readonly seconds: { readonly full: number; readonly quick?: number }
  /** Stops what it starts. */
  run(context: MeasureContext): Promise<Figure[]>
}

export interface MeasureContext {
  readonly is_quick: boolean
  /** Of the rounds: filled, and used. */
  readonly stand: Stand
}

export const measures: readonly Measure[] = [
  loopDelay,
  memory,
  storage,
  purge,
  {
    id: 'imports',
    title: '3,000 listings and 10,000 stays, on PostgreSQL and embedded',
    seconds: { full: 120 },
    run: () => imports(),
  },
  {
    id: 'cold-start',
    title: 'from the start of the process until it is ready',
    seconds: { full: 60 },
    run: () => coldStart(),
  },
  {
    id: 'embedded',
    title: 'lists a second on the embedded database, with the demo and with 200,000 bookings',
    seconds: { full: 240 },
    run: ({ is_quick }) => embedded(is_quick ? { volume: 'none' } : {}),
  },
]
