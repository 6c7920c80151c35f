// The seed of random scenarios.

/** The environment variable SEED, or a random 31-bit integer. Scenarios print it, so that a run can be repeated. */
export function seedFromEnv(): number {
  return Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
}
