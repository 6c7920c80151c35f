// A cache for one value with a time to live. Concurrent callers share one load.

/** Calls `load` when the cached value is older than `lifetime` milliseconds of the clock `now`. `load` must not throw. */
export function cached<T>(
  now: () => number,
  load: (before?: T) => Promise<T>,
  lifetime: (value: T) => number,
): () => Promise<T> {
  let value: T | undefined
  let current: Promise<T> | undefined
  let until = 0

  async function reload(): Promise<T> {
    const started = now()
    value = await load(value)
    until = started + lifetime(value)
    return value
  }

  return (): Promise<T> => {
    if (current === undefined || now() >= until) {
      until = Number.POSITIVE_INFINITY
      current = reload()
    }
    return current
  }
}
