// Optimistic locking: a change may say which version of the record it was made on.
import { VersionMismatchError } from './errors.ts'

/** The versions the client accepts; undefined: whatever there is. */
export type Expected = readonly number[] | undefined

/** Call it with the row locked. Throws VersionMismatchError. */
export function requireVersion(current: number | undefined, expected: Expected): void {
  if (expected === undefined || (current !== undefined && expected.includes(current))) return
  throw new VersionMismatchError({ meta: { current_version: current } })
}
