// What may read rows of all agencies. The sweep reports exceptions that nothing needs as stale.

/** Why the number of rows read does not grow with other agencies. */
export const narrowIndexes: Readonly<Record<string, string>> = {
  event_dead_letters_retry_idx: 'Dead letters that somebody has asked to deliver again.',
  holds_notes_idx: 'Notes of holds that expired a day ago; a job removes them every hour, a batch at a time.',
  idempotency_keys_expires_idx: 'Keys that have expired; a job removes them every five minutes, a batch at a time.',
  occupancies_expires_idx: 'Holds that have expired; a job removes them every minute, a batch at a time.',
  team_members_user_idx: 'The memberships of one person, a handful.',
}

/** Statements that read a whole table, or whose function hides how it reads, each with its reason. */
export const wholeReads: Readonly<Record<string, string>> = {
  'select agency from app.agencies_behind($1)':
    'The relay compares the position of every agency with its last event, for what a stopped process has left.',
  'select agency, failures, seq, type, entity_type, entity_id, version, property_id, former_property_id from app.claim_events($1, $2, $3::uuid[], $4)':
    'Looks up the positions of the given agencies by primary key, some of them several times: with more agencies the index is a level higher.',
  'select app.purge_mail($1) as deleted':
    'A job looks through the messages that wait, every hour, and deletes old ones.',
  'select id, kind, to_address, language, params, secret, state, attempts, last_error, created_at, expires_at, settled_at from app.list_mail($1, $2)':
    'The operator lists the newest messages of all agencies.',
  'select outcome, email, version from app.add_member_token($1, $2, $3)':
    'Refuses everybody but an admin, which no identity of the check is. It finds the member by primary key.',
  'select waiting, oldest_at, failed from app.mail_states()':
    'Numbers for operators: the messages that wait, a handful, and those of the last seven days.',
  'select app.register_subscriber($1)': 'A new subscriber begins at the last event of every agency, once.',
  'select id, slug from app.list_agencies()': 'Nightly jobs and commands visit every agency.',
}
