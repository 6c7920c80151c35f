// An answer that many ask for and that is looked up seldom: the last one while it is fresh, else one look shared by all.

/** Calls `look` again when its last answer is older than `lifetime` ms of the clock `now`. `look` never throws. */
export function cached<T>(
  now: () => number,
  look: (before?: T) => Promise<T>,
  lifetime: (value: T) => number,
): () => Promise<T> {
  let value: T | undefined
  let current: Promise<T> | undefined
  let until = 0

  async function lookAgain(): Promise<T> {
    const started = now()
    value = await look(value)
    until = started + lifetime(value)
    return value
  }

  return (): Promise<T> => {
    if (current === undefined || now() >= until) {
      until = Number.POSITIVE_INFINITY
      current = lookAgain()
    }
    return current
  }
}
