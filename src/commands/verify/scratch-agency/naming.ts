// Names that identify the rows of a verify run: slugs, e-mail addresses, agency name.
import { randomBytes } from 'node:crypto'

/** Only agencies with this name are removed: an agency of a customer could have a slug verify-…. */
export const scratch_name = 'Scratch agency of roost verify'

/** Twelve random hex digits. */
export function newRunId(): string {
  return randomBytes(6).toString('hex')
}

/** `n` counts the agencies of a run from 1. */
export function createSlug(run: string, n: number): string {
  return `verify-${run}-${n}`
}

/** The domain .invalid receives no mail (RFC 2606). */
export function createEmail(run: string, who: string): string {
  return `${who}@verify-${run}.invalid`
}

/** Patterns for PostgreSQL. The first group is the run id. */
export const slug_pattern = '^verify-([0-9a-f]{12})-[1-9]$'
export const email_pattern = '^[a-z0-9-]+@verify-([0-9a-f]{12})\\.invalid$'

/** The name of an advisory lock that is held during the run, so that other runs do not remove its rows. */
export function lockName(run: string): string {
  return `roost verify ${run}`
}
