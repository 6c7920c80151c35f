// Optimistic locking: compares the version of a record with the versions that the client expects.
import { VersionMismatchError } from './errors.ts'

/** The versions the client accepts; undefined accepts any version. */
export type ExpectedVersions = readonly number[] | undefined

/** Throws VersionMismatchError. Call it after the row has been locked. */
export function requireVersion(current: number | undefined, expected: ExpectedVersions): void {
  if (expected === undefined || (current !== undefined && expected.includes(current))) return
  throw new VersionMismatchError({ meta: { current_version: current } })
}
