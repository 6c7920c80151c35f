// What is made of many answers: how many of each kind, how long they took; and chance that can be repeated.

/** `'201': 1, '409 BOOKING_CONFLICT': 199`: how many there were of each kind. */
export function tally(answers: readonly { readonly status: number; readonly code: string }[]): Record<string, number> {
  const kinds = Object.groupBy(answers, ({ status, code }) => `${status} ${code}`.trim())
  return Object.fromEntries(Object.entries(kinds).map(([kind, of = []]) => [kind, of.length]))
}

/** The value that this share (0 to 1) of the numbers does not exceed; NaN of none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** The same numbers from 0 up to (not including) 1 for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
