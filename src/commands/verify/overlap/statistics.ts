// Counts and percentiles of responses, and seeded random numbers.

/** Counts by status and code: `'201': 1, '409 BOOKING_CONFLICT': 199`. */
export function countByKind(
  answers: readonly { readonly status: number; readonly code: string }[],
): Record<string, number> {
  const kinds = Object.groupBy(answers, ({ status, code }) => `${status} ${code}`.trim())
  return Object.fromEntries(Object.entries(kinds).map(([kind, group = []]) => [kind, group.length]))
}

/** The value that a `fraction` (0 to 1) of the numbers does not exceed. NaN without numbers. */
export function percentile(numbers: readonly number[], fraction: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
