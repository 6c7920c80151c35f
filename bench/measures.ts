// What is measured beside the rounds, each with its own service or none.
import type { Figure } from './figures.ts'
import type { Stand } from './ground.ts'
import { loopDelay } from './measures/loop-delay.ts'
import { memory } from './measures/memory.ts'
import { purge } from './measures/purge.ts'
import { storage } from './measures/storage.ts'

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

export const measures: readonly Measure[] = [loopDelay, memory, storage, purge]
