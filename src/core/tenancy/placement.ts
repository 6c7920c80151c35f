// Where each table goes once agencies are spread over several nodes, and what looks across agencies nevertheless: each with its reason.

/** A copy on every node: few rows, read with every agency's, seldom written. All other tables with an agency are sharded by it. */
export const referenceTables: Readonly<Record<string, string>> = {
  agencies:
    'one row for each agency; every sharded table refers to it, and its slug is unique among all of them, which no shard alone could see to',
  users:
    'a person may work for several agencies: members of each are joined with it, and a proven e-mail address is unique among all',
}

/** On one node only: written often, and never read together with an agency's rows. */
export const localTables: Readonly<Record<string, string>> = {
  'app.audit_sealing': 'one row: how far the sealing of the audit log has come on this node',
  'app.heartbeats': 'one row for each worker',
  refresh_tokens: 'written at every refresh of a session, by its hash alone; belongs to a session',
  sessions: 'written at every sign-in and refresh; belongs to a person, who is on every node',
}

/** Schemas whose tables all stay on one node. */
export const localSchemas: Readonly<Record<string, string>> = {
  pgboss: 'the job queue: jobs name their agency in their data; a job is saved with the change that announces it',
}

/** Functions of ours that name sharded tables without keeping to one agency: each is a question to every shard. */
export const acrossAgencies: Readonly<Record<string, string>> = {
  accept_invitation: 'finds the invitation by the hash of its link, then keeps to its agency',
  accounts_of: 'the agencies of the accounts with an e-mail address, at sign-in and for the operator',
  open_invitation: 'an invitation is found by the hash of its link: whoever opens it is in no agency yet',
  memberships_of:
    'the agencies somebody works for, asked before one is chosen, and remembered (core/auth/memberships.ts)',
  seal_audit:
    'seals new rows of all agencies in the order of their transactions; on shards it has to run on each node, on its own rows',
}

/** Functions that name sharded tables and keep to the agency of the row they are about. */
export const withinAgency: Readonly<Record<string, string>> = {
  audit_session_reuse: 'writes to the log of the one agency it is given',
  may_still_invite: 'looks at the inviter in the agency of the invitation',
  is_own_guest: 'in a policy: looks at the bookings of the agency of the row',
  own_properties: 'in policies: looks at the properties of the agency in the claims',
  withhold_answers: 'an erasure: empties answers kept in the agency in the claims',
  require_actor: 'looks at the membership of the claims, in the agency of the claims',
  keep_an_admin: 'a trigger: looks at the members of the agency of the changed row',
}

/** Defaults that mean something on the server that wrote the row alone. */
export const serverDefaults: Readonly<Record<string, string>> = {
  'audit_log.xact_id':
    'the transaction that wrote the row, for sealing in order: a number of one node, so a moved shard is sealed up to its end first',
}
