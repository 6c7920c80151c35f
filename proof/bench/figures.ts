// Samples of single rounds, statistics over rounds, and targets. Ratios are computed within a round.
import { percentile } from '../../src/commands/verify/overlap/statistics.ts'

/** The result of one load on one system. */
export interface Sample {
  readonly answers: number
  /** Refused answers; zero unless the load may exceed the capacity. */
  readonly refused: number
  /** Correct answers per second. */
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  /** CPU time per request, of the processes of the system and of PostgreSQL. */
  readonly own_cpu_ms: number
  readonly postgres_cpu_ms: number
}

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The median of an even count is the lower middle number; of none it is NaN. */
export function spreadOf(numbers: readonly number[]): Spread {
  const at = (share: number) => percentile(numbers, share)
  return { min: Math.min(...numbers), median: at(0.5), max: Math.max(...numbers) }
}

/** `ours` divided by `theirs` per round. Rounds missing on either side are skipped. */
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

/** A measured value and its target. Without `target` it is informational. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: { readonly at_least: number } | { readonly at_most: number }
}

/** NaN, and null as its JSON form, meets no target. */
export function meets({ value, target }: Figure): boolean {
  if (target === undefined) return true
  if (!Number.isFinite(value)) return false
  return 'at_least' in target ? value >= target.at_least : value <= target.at_most
}

/** Three significant digits, with thousands separators: 12,345 or 0.12. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
