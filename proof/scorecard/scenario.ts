// What one line of the scorecard is: a measure takes the running service apart in one way and says what it counted.

/** `quick` is the subset that CI runs, with fewer rounds; `full` is what reliability targets are stated for. */
export type Size = 'quick' | 'full'

/** One figure beside its target. */
export interface Check {
  readonly name: string
  readonly figure: number | string
  readonly target: string
  readonly passes: boolean
  /** A time, a rate, a share of answers in time, memory: its limit is stated for a machine of its own. */
  readonly is_time?: true
}

export interface Measure {
  /** S1 to S46; the scorecard's own numbering, stable. */
  readonly id: string
  readonly title: string
  /** How long it takes at most, in seconds, on two slow cores. Without `quick` it is not in the subset of CI. */
  readonly seconds: { readonly full: number; readonly quick?: number }
  /** Starts what it needs, measures, and stops all of it again, whatever happens. A throw is a line that failed. */
  run(size: Size): Promise<Check[]>
}

/** With a unit (' ms', ' s', '/s', ' MB', ' %') it is no count, and CI does not judge it. */
export function atMost(name: string, figure: number, limit: number, unit = ''): Check {
  const check = { name, figure: rounded(figure), target: `<= ${limit}${unit}`, passes: figure <= limit }
  return unit === '' ? check : { ...check, is_time: true }
}

/** As atMost. */
export function atLeast(name: string, figure: number, limit: number, unit = ''): Check {
  const check = { name, figure: rounded(figure), target: `>= ${limit}${unit}`, passes: figure >= limit }
  return unit === '' ? check : { ...check, is_time: true }
}

export function exactly(name: string, figure: number | string, wanted: number | string): Check {
  return { name, figure, target: `= ${wanted}`, passes: figure === wanted }
}

/** The fault must have happened, or the line proves nothing: killed processes, cut connections, refused requests. */
export function fired(name: string, count: number, wanted = 1): Check {
  return { name: `fired: ${name}`, figure: count, target: `>= ${wanted}`, passes: count >= wanted }
}

/** A figure to know, without a target of its own. */
export function told(name: string, figure: number | string): Check {
  return { name, figure: typeof figure === 'number' ? rounded(figure) : figure, target: '', passes: true }
}

/** What CI asks for, on whatever machine it gets: the counts, and of all that has a unit only what it was. */
export function withoutTimes(checks: readonly Check[]): Check[] {
  return checks.map((check) => (check.is_time ? told(`${check.name} (full: ${check.target})`, check.figure) : check))
}

function rounded(figure: number): number {
  return Math.abs(figure) >= 100 ? Math.round(figure) : Math.round(figure * 100) / 100
}
