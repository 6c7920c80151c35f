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
    file: 'src/core/events/delivery.ts',
    startsWith: 'select distinct d.agency_id from event_dead_letters d where d.retry_at < now()',
    reason:
      'Finds the agencies with events to deliver again. It runs as roost_system, whose policy on this table only shows dead letters that are to be retried.',
  },
  {
    file: 'src/core/idempotency.ts',
    startsWith: 'with gone as ( delete from idempotency_keys where expires_at < now()',
    reason:
      'The purge selects by time only. It runs as roost_system, whose policies on this table only show and delete expired rows. It returns a count.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'select distinct o.agency_id from occupancies o where o.expires_at < now()',
    reason:
      'Finds the agencies with expired holds. It runs as roost_system, whose policy on this table only shows expired rows.',
  },
  {
    file: 'src/features/holds/expiry.ts',
    startsWith: 'select distinct h.agency_id from holds h where h.notes is not null',
    reason:
      'Finds the agencies with notes to delete. It runs as roost_system, whose policy on this table only shows holds that expired a day ago without a booking.',
  },
]
