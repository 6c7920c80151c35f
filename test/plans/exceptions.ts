// What may read rows of all agencies. The sweep reports exceptions that nothing needs as stale.

/** Why the number of rows read does not grow with other agencies. */
export const narrowIndexes: Readonly<Record<string, string>> = {
  holds_notes_idx: 'Notes of holds that expired a day ago; a job removes them every hour, a batch at a time.',
  idempotency_keys_expires_idx: 'Keys that have expired; a job removes them every five minutes, a batch at a time.',
  occupancies_expires_idx: 'Holds that have expired; a job removes them every minute, a batch at a time.',
  team_members_user_idx: 'The memberships of one person, a handful.',
}

/** Statements that read a whole table, each with its reason. */
export const wholeReads: Readonly<Record<string, string>> = {
  'select id, slug from app.list_agencies()': 'Nightly jobs and commands visit every agency.',
}
