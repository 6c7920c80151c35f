// Statements that may read across agencies, each with a reason. Unused ones are reported as stale.

/** Applies to the statements of one file whose text (on one line) starts with `startsWith`. */
export interface IsolationException {
  /** Relative to the project's root: src/features/team/team.ts */
  readonly file: string
  readonly startsWith: string
  /** Why the statement may do this, and what separates agencies instead. */
  readonly reason: string
}

/** Ideally empty. Add one only for work that starts before an agency is known. */
export const exceptions: readonly IsolationException[] = [
  {
    file: 'src/core/idempotency.ts',
    startsWith: 'with gone as ( delete from idempotency_keys where expires_at < now()',
    reason:
      'The purge selects by time only. It runs as roost_system, whose policies on this table only show and delete expired rows. It returns a count.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'with gone as ( delete from occupancies where expires_at < now()',
    reason:
      'The expiry selects by time only. It runs as roost_system, whose policies on this table only show and delete expired holds. It returns a count.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'with cleared as ( update holds set notes = null',
    reason:
      'The statement selects by time only. It runs as roost_system, which may update no other column of a hold, and whose policies only show holds that expired a day ago without a booking. It returns a count.',
  },
]
