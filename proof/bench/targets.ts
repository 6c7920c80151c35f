// The targets of the cases, and the figures compared with them.
import { type Figure, ratiosOf, type Sample, type Spread, spreadOf } from './figures.ts'
import type { Result } from './rounds.ts'

interface Target {
  /** Minimum rate of the service divided by the rate of the baseline and of pgbench. */
  readonly comparison?: number
  readonly pgbench?: number
  /** Maximum p99 of the service divided by the p99 of the baseline. */
  readonly p99: number
  /** Maximum processor time of a request in milliseconds. */
  readonly own_cpu_ms?: number
  readonly postgres_cpu_ms?: number
}

const targets: Readonly<Record<string, Target>> = {
  list: { comparison: 4, pgbench: 0.6, p99: 0.5 },
  get: { comparison: 2, pgbench: 0.6, p99: 0.5 },
  'create-key': { comparison: 1.3, pgbench: 0.6, p99: 1, own_cpu_ms: 0.7, postgres_cpu_ms: 1.2 },
}

/** Medians of the ratios of all rounds, for the systems that ran. */
export function figuresOf(results: readonly Result[]): Figure[] {
  return results.flatMap(({ case: { id }, samples, error }): Figure[] => {
    if (error !== undefined) return [{ name: `${id}: ${error}`, value: Number.NaN, unit: '', target: { at_least: 0 } }]
    const target = targets[id]
    const ours = samples.roost ?? []
    const figure = (name: string, spread: Spread | undefined, limit: Figure['target']): Figure[] =>
      spread === undefined || limit === undefined
        ? []
        : [{ name: `${id}: ${name}`, value: spread.median, unit: 'x', target: limit }]
    const cpu = (name: 'own_cpu_ms' | 'postgres_cpu_ms', title: string): Figure[] => {
      const limit = target?.[name]
      if (limit === undefined || ours.length === 0) return []
      const value = spreadOf(ours.map((sample) => sample[name])).median
      return [{ name: `${id}: ${title}`, value, unit: 'ms', target: { at_most: limit } }]
    }
    const rate = ({ per_second }: Sample) => per_second
    const p99 = ({ p99_ms }: Sample) => p99_ms
    const atLeast = (limit: number | undefined) => (limit === undefined ? undefined : { at_least: limit })
    return [
      ...figure(
        'rate relative to the comparison',
        ratiosOf(ours, samples.comparison ?? [], rate),
        atLeast(target?.comparison),
      ),
      ...figure('rate relative to pgbench', ratiosOf(ours, samples.pgbench ?? [], rate), atLeast(target?.pgbench)),
      ...figure(
        'p99 relative to the comparison',
        ratiosOf(ours, samples.comparison ?? [], p99),
        target === undefined ? undefined : { at_most: target.p99 },
      ),
      ...cpu('own_cpu_ms', 'processor time of the service'),
      ...cpu('postgres_cpu_ms', 'processor time of PostgreSQL'),
    ]
  })
}

/** A row of the table: the result of one system in one case. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly system: string
  readonly per_second: Spread
  readonly p50_ms: Spread
  readonly p99_ms: Spread
  readonly own_cpu_ms: Spread
  readonly postgres_cpu_ms: Spread
  /** Rate of the service divided by the rate of this system, per round. */
  readonly ratio?: Spread
}

export function rowsOf(results: readonly Result[]): Row[] {
  return results.flatMap(({ case: { id, title }, samples }) =>
    (['roost', 'comparison', 'pgbench'] as const).flatMap((system) => {
      const rounds = samples[system]
      if (rounds === undefined) return []
      const of = (what: (sample: Sample) => number) => spreadOf(rounds.map(what))
      const ratio = ratiosOf(samples.roost ?? [], rounds, ({ per_second }) => per_second)
      return {
        ...{ id, title, system },
        per_second: of((sample) => sample.per_second),
        p50_ms: of((sample) => sample.p50_ms),
        p99_ms: of((sample) => sample.p99_ms),
        own_cpu_ms: of((sample) => sample.own_cpu_ms),
        postgres_cpu_ms: of((sample) => sample.postgres_cpu_ms),
        ...(system !== 'roost' && ratio !== undefined && { ratio }),
      }
    }),
  )
}
