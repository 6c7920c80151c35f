// The input and the result of a phase of the overlap check.
import type { Answer } from './requests.ts'
import { countByKind, percentile } from './statistics.ts'

export interface Race {
  readonly clients: number
  readonly rounds: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Sends as a member of the scratch agency, chosen by `client`. Never rejects: without a response the status is 0. */
  send(client: number, method: string, path: string, body?: object): Promise<Answer>
  /** Creates a property and returns its id. */
  newProperty(): Promise<string>
  /** Called after each request that counts for the progress bar. */
  progress(): void
}

export interface Phase {
  readonly name: string
  readonly requests: number
  /** Number of 2xx responses. */
  readonly won: number
  /** Responses by status and code, including 2xx: `'409 BOOKING_CONFLICT': 63`. */
  readonly answers: Readonly<Record<string, number>>
  readonly p50_ms: number
  readonly p99_ms: number
  readonly findings: readonly string[]
}

/** The only error response that is expected. */
const conflict = '409 BOOKING_CONFLICT'

export function summarizePhase(name: string, answers: readonly Answer[], findings: readonly string[] = []): Phase {
  const counts = countByKind(answers)
  const unexpected = Object.entries(counts).filter(([kind]) => kind !== conflict && !/^2\d\d$/.test(kind))
  const durations_ms = answers.map(({ ms }) => ms)
  return {
    name,
    requests: answers.length,
    won: answers.filter(isSuccess).length,
    answers: counts,
    p50_ms: Math.round(percentile(durations_ms, 0.5)),
    p99_ms: Math.round(percentile(durations_ms, 0.99)),
    findings: [...findings, ...unexpected.map(([kind, count]) => `${name}: ${count} unexpected responses: ${kind}`)],
  }
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** A finding unless exactly one client succeeded. */
export function checkRound(name: string, round: number, answers: readonly Answer[]): string[] {
  const successes = answers.filter(isSuccess).length
  return successes === 1 ? [] : [`${name}: round ${round + 1} had ${successes} successful requests instead of one`]
}

/** Runs `task` n times concurrently. */
export function runParallel<T>(n: number, task: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => task(i)))
}

/** A date `days` after 1 January in two years, beyond the booking rules about notice and booking windows. */
export function raceDay(days: number): string {
  return new Date(Date.UTC(new Date().getUTCFullYear() + 2, 0, 1 + days)).toISOString().slice(0, 10)
}
