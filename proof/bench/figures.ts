// What is counted in one round, and what rounds say together: ratios are taken within a round, never across.
import { percentile } from '../../src/commands/verify/overlap/counting.ts'

/** One load of some seconds on one contestant. */
export interface Sample {
  readonly answers: number
  /** Of them those that should have been another: none, but where a load may be more than is taken. */
  readonly refused: number
  /** Of right answers. */
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  /** Processor time for one request: of the service's own process, and of PostgreSQL's. */
  readonly own_cpu_ms: number
  readonly postgres_cpu_ms: number
}

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The middle of the numbers, of an even count the lower one; NaN of none. */
export function spreadOf(numbers: readonly number[]): Spread {
  const at = (share: number) => percentile(numbers, share)
  return { min: Math.min(...numbers), median: at(0.5), max: Math.max(...numbers) }
}

/** Of each round, ours by theirs; rounds that one of both lacks are left out. */
export function ratiosOf(
  ours: readonly (Sample | undefined)[],
  theirs: readonly (Sample | undefined)[],
  what: (sample: Sample) => number,
): Spread | undefined {
  const ratios = ours.flatMap((sample, round) => {
    const other = theirs[round]
    return sample === undefined || other === undefined ? [] : [what(sample) / what(other)]
  })
  return ratios.length === 0 ? undefined : spreadOf(ratios)
}

/** A figure beside what it is meant to be. Without `target` it is there to be known. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: { readonly at_least: number } | { readonly at_most: number }
}

/** What could not be measured meets no target, nor does what JSON has made of it (null). */
export function meets({ value, target }: Figure): boolean {
  if (target === undefined) return true
  if (!Number.isFinite(value)) return false
  return 'at_least' in target ? value >= target.at_least : value <= target.at_most
}

/** Three digits that count, thousands in groups: 12,345 or 0.123. */
export function written(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
