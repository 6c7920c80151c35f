// Rows of one file that name the same record: the first counts, so that a second import of the file changes nothing.
import { createHash } from 'node:crypto'

export interface Repeats {
  /** The line that named `key` before with other facts; 'same' when the facts are the same; undefined when it is new. */
  check(key: string, line: number, facts: object): number | 'same' | undefined
}

/** About 150 bytes for each row of the file. */
export function createRepeats(): Repeats {
  const seen = new Map<string, string>()
  return {
    check(key, line, facts) {
      const digest = digestOf(facts)
      const before = seen.get(key)
      if (before === undefined) {
        seen.set(key, `${line} ${digest}`)
        return undefined
      }
      const [first, same] = before.split(' ')
      return same === digest ? 'same' : Number(first)
    },
  }
}

/** Stable over runs and machines: 128 bits of SHA-256 over the JSON text, in 22 letters and digits. */
export function digestOf(facts: object): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest().subarray(0, 16).toString('base64url')
}
