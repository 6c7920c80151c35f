// The placement of tables on shards and the cross-tenant functions, each with its reason.

/** Copied to every node: small, rarely written, joined with rows of all agencies. Other tenant tables are sharded. */
export const referenceTables: Readonly<Record<string, string>> = {
  agencies: 'one row for each agency; every sharded table references it, and its slug is unique in all shards',
  users:
    'a user may be a member of several agencies; joined with the members of each, and a proven e-mail address is unique in all shards',
}

/** On one node only: written often, never read together with the rows of an agency. */
export const localTables: Readonly<Record<string, string>> = {
  account_tokens:
    'links in e-mails, found by hash; they belong to a user or to an address, and users are on every node',
  mail_messages: 'e-mails to people, sent by the worker',
  'app.audit_sealing': 'one row: the progress of audit log sealing on this node',
  'app.event_subscribers': 'the names of the subscribers of the event log',
  'app.heartbeats': 'one row for each worker',
  'app.signing_secret': 'one row: the fingerprint of JWT_SECRET at the last start',
  refresh_tokens: 'written at every refresh of a session and found by hash; belongs to a session',
  sessions: 'written at every sign-in and refresh; belongs to a user, and users are on every node',
}

/** Schemas whose tables all stay on one node. */
export const localSchemas: Readonly<Record<string, string>> = {
  pgboss: 'the job queue: jobs have the agency in their data and are inserted in the transaction of the change',
}

/**
 * Tables about people and sign-in. They are needed before an agency is known, and stay behind when an agency is moved: no other
 * table of an agency references them.
 */
export const directoryTables: readonly string[] = [
  'users',
  'sessions',
  'refresh_tokens',
  'account_tokens',
  'mail_messages',
  'team_members',
  'team_invitations',
]

/** Functions that access sharded tables of several agencies. Each is a query to every shard. */
export const crossTenantFunctions: Readonly<Record<string, string>> = {
  accept_invitation: 'finds the invitation by the hash of its link, then accesses its agency only',
  agencies_behind: 'the agencies with events that a subscriber has not handled, by key in each',
  claim_events: 'the next events of the given agencies, by key in each',
  entry_count:
    'looks at the newest entries of all agencies for those of one; with shards it must run on the node of that agency',
  read_events: 'the next events of the given agencies, by key in each',
  register_subscriber: 'once for each new subscriber: its position in each agency',
  settle_events: 'the positions of a subscriber in the given agencies, by key in each',
  subscriber_states: 'numbers about each subscriber for operators',
  mail_language: 'the language of an e-mail: of the person, or of an agency of theirs',
  confirm_email: 'whether an agency of a person has another member with the new address',
  accounts_of: 'the agencies of the accounts with an e-mail address, at sign-in and for the operator',
  keep_actors: 'a trigger: adds actors to one agency, and renames a person in each of their agencies',
  open_invitation: 'finds an invitation by the hash of its link, before an agency is known',
  memberships_of: 'the agencies of a user, read before one is selected, and cached (core/auth/memberships.ts)',
  seal_audit:
    'seals new rows of all agencies in the order of their transactions; with shards it must run on each node for its rows',
}

/** Functions that access sharded tables of one agency only. */
export const singleTenantFunctions: Readonly<Record<string, string>> = {
  claim_key: 'reads the idempotency key of the given agency',
  add_member_token: 'reads a member of the agency in the claims',
  audit_account: 'writes to the audit log of the given agency',
  audit_session_reuse: 'writes to the audit log of the given agency',
  guest_countries: 'reads ids and countries of the guests of the agency in the claims',
  last_event: 'reads the number of the last event of the agency in the claims',
  may_still_invite: 'reads the inviter in the agency of the invitation',
  guard_booking: 'a trigger: reads a guest of the agency of the booking',
  is_own_guest: 'called by a policy: reads bookings of the agency of the row',
  own_properties: 'called by policies: reads properties of the agency in the claims',
  withhold_answers: 'called by an erasure: clears stored responses of the agency in the claims',
  require_actor: 'reads the membership of the user and agency in the claims',
  keep_an_admin: 'a trigger: reads members of the agency of the changed row',
}

/** Column defaults whose values are meaningful only on the server that wrote the row. */
export const serverDefaults: Readonly<Record<string, string>> = {
  'audit_log.xact_id':
    'the transaction that wrote the row, for sealing in order; transaction ids are per node, so a shard is sealed completely before it is moved',
}
