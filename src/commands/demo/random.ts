// Seeded pseudo-random numbers: the demo data of a day is the same on every machine.

export interface Random {
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number
  /** Whether an event of this probability (0 to 1) occurs. */
  chance(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
}

export function createRandom(seed: number): Random {
  let state = seed
  const next = () => {
    state = (state * 48_271 + 11) % 2_147_483_647
    return state / 2_147_483_647
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    between,
    chance: (probability) => next() < probability,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
  }
}
