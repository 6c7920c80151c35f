// What a phase of the overlap proof is given, and what it has to tell.
import type { Answer } from './answers.ts'
import { percentile, tally } from './counting.ts'

export interface Race {
  readonly clients: number
  readonly rounds: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Sends as one of the scratch agency's people, in turn by `client`. Never rejects: no answer is status 0. */
  send(client: number, method: string, path: string, body?: object): Promise<Answer>
  /** A new property; its id. */
  newHome(): Promise<string>
  /** Called after each request of the phase that counts for the progress bar. */
  progress(): void
}

export interface Phase {
  readonly name: string
  readonly requests: number
  /** Answers of 2xx. */
  readonly won: number
  /** `'409 BOOKING_CONFLICT': 63`, 2xx included. */
  readonly answers: Readonly<Record<string, number>>
  readonly p50_ms: number
  readonly p99_ms: number
  readonly findings: readonly string[]
}

/** The one refusal a race for nights may end with. */
export const lost = '409 BOOKING_CONFLICT'

export function phaseOf(name: string, answers: readonly Answer[], findings: readonly string[] = []): Phase {
  const counts = tally(answers)
  const unexpected = Object.entries(counts).filter(([kind]) => kind !== lost && !/^2\d\d$/.test(kind))
  const waits = answers.map(({ ms }) => ms)
  return {
    name,
    requests: answers.length,
    won: answers.filter(isWon).length,
    answers: counts,
    p50_ms: Math.round(percentile(waits, 0.5)),
    p99_ms: Math.round(percentile(waits, 0.99)),
    findings: [...findings, ...unexpected.map(([kind, count]) => `${name}: ${count} unexpected answers: ${kind}`)],
  }
}

export function isWon({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** How a round that all clients want to win must end. */
export function roundFindings(name: string, round: number, answers: readonly Answer[]): string[] {
  const won = answers.filter(isWon).length
  return won === 1 ? [] : [`${name}: round ${round + 1} had ${won} winners instead of one`]
}

/** `times(3, make)`: all at once. */
export function times<T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => make(i)))
}

/** The `days`-th day of the races: they begin two years from now, so that no rule about notice or windows is met. */
export function dayOf(days: number): string {
  return new Date(Date.UTC(new Date().getUTCFullYear() + 2, 0, 1 + days)).toISOString().slice(0, 10)
}
