// A scenario injects one kind of fault or load into running processes and returns checks.

/** `quick`: the subset for CI, with fewer rounds. `full`: the size that the reliability targets are stated for. */
export type Size = 'quick' | 'full'

/** A measured figure and its target. An empty target makes it informational. */
export interface Check {
  readonly name: string
  readonly figure: number | string
  readonly target: string
  readonly passes: boolean
  /** A time, rate, share or amount of memory: its target is stated for a dedicated machine. */
  readonly is_time?: true
}

export interface Scenario {
  /** Stable, for example S1; docs/scorecard.md lists them. */
  readonly id: string
  readonly title: string
  /** Maximum duration in seconds on two slow cores. Without `quick` the scenario is not part of the CI subset. */
  readonly seconds: { readonly full: number; readonly quick?: number }
  /** Starts what it needs and always stops it. A scenario that throws has failed. */
  run(size: Size): Promise<Check[]>
}

/** A figure with a unit (' ms', ' s', '/s', ' MB', ' %') is informational in the quick size; a count is always checked. */
export function atMost(name: string, figure: number, limit: number, unit = ''): Check {
  const check = { name, figure: rounded(figure), target: `<= ${limit}${unit}`, passes: figure <= limit }
  return unit === '' ? check : { ...check, is_time: true }
}

/** See atMost for `unit`. */
export function atLeast(name: string, figure: number, limit: number, unit = ''): Check {
  const check = { name, figure: rounded(figure), target: `>= ${limit}${unit}`, passes: figure >= limit }
  return unit === '' ? check : { ...check, is_time: true }
}

export function exactly(name: string, figure: number | string, wanted: number | string): Check {
  return { name, figure, target: `= ${wanted}`, passes: figure === wanted }
}

/** Checks that the fault or load was really injected. Otherwise the scenario proves nothing and fails. */
export function injected(name: string, count: number, wanted = 1): Check {
  return { name: `injected: ${name}`, figure: count, target: `>= ${wanted}`, passes: count >= wanted }
}

/** An informational figure without a target. */
export function info(name: string, figure: number | string): Check {
  return { name, figure: typeof figure === 'number' ? rounded(figure) : figure, target: '', passes: true }
}

/** Makes figures with a unit informational: CI runs on machines of unknown speed. */
export function withoutTimes(checks: readonly Check[]): Check[] {
  return checks.map((check) => (check.is_time ? info(`${check.name} (full: ${check.target})`, check.figure) : check))
}

function rounded(figure: number): number {
  return Math.abs(figure) >= 100 ? Math.round(figure) : Math.round(figure * 100) / 100
}
