// Indexes that do not begin with the agency and may be read all the same; the sweep calls those that nobody reads stale.

/** Why what is read of each does not grow with other agencies. */
export const narrowIndexes: Readonly<Record<string, string>> = {
  holds_notes_idx: 'Notes of holds that expired a day ago; a job removes them every hour, a batch at a time.',
  idempotency_keys_expires_idx: 'Keys that have expired; a job removes them every five minutes, a batch at a time.',
  occupancies_expires_idx: 'Holds that have expired; a job removes them every minute, a batch at a time.',
  team_members_user_idx: 'The memberships of one person, a handful.',
}
