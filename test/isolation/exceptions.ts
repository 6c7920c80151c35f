// The statements that may look across agencies, each with its reason; the report lists them and calls unused ones stale.

/** Applies to the statements of one file whose text (on one line) begins so. */
export interface IsolationException {
  /** Relative to the project's root: src/features/team/team.ts */
  readonly file: string
  readonly startsWith: string
  /** Why this one may, and what keeps agencies apart instead. */
  readonly reason: string
}

/** Empty is the aim: add one only for work that begins before an agency is known. */
export const exceptions: readonly IsolationException[] = [
  {
    file: 'src/core/idempotency.ts',
    startsWith: 'with gone as ( delete from idempotency_keys where expires_at < now()',
    reason:
      'The purge goes by time alone. It runs as roost_system, whose only policies on this table show and delete what has expired; it returns a count.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'with gone as ( delete from occupancies where expires_at < now()',
    reason:
      'The expiry goes by time alone. It runs as roost_system, whose only policies on the ledger show and delete what has expired; it returns a count.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'with cleared as ( update holds set notes = null',
    reason:
      'Notes go by time alone. It runs as roost_system, which may change no other column of a hold, and whose only policies show those that expired a day ago without a booking; it returns a count.',
  },
]
