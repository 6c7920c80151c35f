// The answers to a race: sent at once over connections that stay open, timed, and counted by kind.
import type { Caller } from '../contract/scene.ts'

export interface Answer {
  /** 0 when there was none. */
  readonly status: number
  /** The error's code, '' for a success; what went wrong when there was no answer. */
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  readonly ms: number
}

/** Never rejects. */
export async function ask(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const began = performance.now()
  try {
    const { status, text } = await caller.request(method, path, body)
    const parsed = text === '' ? {} : (JSON.parse(text) as { error?: { code?: string } })
    return { status, code: parsed.error?.code ?? '', body: { ...parsed }, ms: performance.now() - began }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { status: 0, code: `no answer: ${code ?? message}`, body: {}, ms: performance.now() - began }
  }
}

/** `'201': 1, '409 BOOKING_CONFLICT': 199`: how many there were of each kind. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const kinds = Object.groupBy(answers, ({ status, code }) => `${status} ${code}`.trim())
  return Object.fromEntries(Object.entries(kinds).map(([kind, of = []]) => [kind, of.length]))
}

/** The value that this share (0 to 1) of the numbers does not exceed; 0 of none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Whole numbers from 0 up to (not including) n; the same ones for the same seed (mulberry32). */
export function diceOf(seed: number): (n: number) => number {
  let state = seed | 0
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * n)
  }
}
