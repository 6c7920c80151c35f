// How what a run of verify has made is known again: the run in every slug and e-mail, one name for its agencies.
import { randomBytes } from 'node:crypto'

/** Part of the mark: an agency that only happens to be called verify-… is nobody's to remove. */
export const scratch_name = 'Scratch agency of roost verify'

/** Twelve hex digits that name one run. */
export function newRun(): string {
  return randomBytes(6).toString('hex')
}

/** `n` counts the agencies of a run from 1. */
export function slugOf(run: string, n: number): string {
  return `verify-${run}-${n}`
}

/** Nobody can get mail there (RFC 2606). */
export function emailOf(run: string, who: string): string {
  return `${who}@verify-${run}.invalid`
}

/** The same for PostgreSQL; the first group is the run. */
export const slug_pattern = '^verify-([0-9a-f]{12})-[1-9]$'
export const email_pattern = '^[a-z0-9-]+@verify-([0-9a-f]{12})\\.invalid$'

/** A text for pg_advisory_lock: held while the run lives, so that nobody takes it for a left-over. */
export function lockOf(run: string): string {
  return `roost verify ${run}`
}
