// What the rounds have to show, and the figures that show it.
import { type Figure, ratiosOf, type Sample, type Spread, spreadOf } from './figures.ts'
import type { Result } from './rounds.ts'

interface Target {
  /** Answers a second, at least so many times the comparison's, and this share of pgbench's. */
  readonly comparison?: number
  readonly pgbench?: number
}

const targets: Readonly<Record<string, Target>> = {
  list: { comparison: 5, pgbench: 0.4 },
  get: { comparison: 5 },
  create: { comparison: 1.25, pgbench: 0.4 },
}
/** Of each case with a target: our p99 by the comparison's. */
const p99_share = 0.5

/** Median of the rounds' ratios beside the target of the case; nothing where a contestant was not there. */
export function figuresOf(results: readonly Result[]): Figure[] {
  return results.flatMap(({ one: { id }, samples, trouble }): Figure[] => {
    if (trouble !== undefined)
      return [{ name: `${id}: ${trouble}`, value: Number.NaN, unit: '', target: { at_least: 0 } }]
    const target = targets[id]
    const ours = samples.roost ?? []
    const figure = (name: string, spread: Spread | undefined, limit: Figure['target']): Figure[] =>
      spread === undefined || limit === undefined
        ? []
        : [{ name: `${id}: ${name}`, value: spread.median, unit: 'x', target: limit }]
    const rate = ({ per_second }: Sample) => per_second
    const p99 = ({ p99_ms }: Sample) => p99_ms
    const atLeast = (limit: number | undefined) => (limit === undefined ? undefined : { at_least: limit })
    return [
      ...figure('rate by the comparison', ratiosOf(ours, samples.comparison ?? [], rate), atLeast(target?.comparison)),
      ...figure('rate by pgbench', ratiosOf(ours, samples.pgbench ?? [], rate), atLeast(target?.pgbench)),
      ...figure(
        'p99 by the comparison',
        ratiosOf(ours, samples.comparison ?? [], p99),
        target === undefined ? undefined : { at_most: p99_share },
      ),
    ]
  })
}

/** A line of the table: what a contestant did in a case, and how that compares. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly contestant: string
  readonly per_second: Spread
  readonly p50_ms: Spread
  readonly p99_ms: Spread
  readonly own_cpu_ms: Spread
  readonly postgres_cpu_ms: Spread
  /** The service's rate by this one's, of each round. */
  readonly ratio?: Spread
}

export function rowsOf(results: readonly Result[]): Row[] {
  return results.flatMap(({ one: { id, title }, samples }) =>
    (['roost', 'comparison', 'pgbench'] as const).flatMap((contestant) => {
      const rounds = samples[contestant]
      if (rounds === undefined) return []
      const of = (what: (sample: Sample) => number) => spreadOf(rounds.map(what))
      const ratio = ratiosOf(samples.roost ?? [], rounds, ({ per_second }) => per_second)
      return {
        ...{ id, title, contestant },
        per_second: of((sample) => sample.per_second),
        p50_ms: of((sample) => sample.p50_ms),
        p99_ms: of((sample) => sample.p99_ms),
        own_cpu_ms: of((sample) => sample.own_cpu_ms),
        postgres_cpu_ms: of((sample) => sample.postgres_cpu_ms),
        ...(contestant !== 'roost' && ratio !== undefined && { ratio }),
      }
    }),
  )
}
