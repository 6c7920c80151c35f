// Why each SECURITY DEFINER function may look across agencies, for docs/security/tenant-isolation.md.

/** One entry for each of `definerFunctions` (src/core/tenancy/expected.ts): what it reads or changes, and for whom. */
export const definerReasons: Readonly<Record<string, string>> = {
  accept_invitation:
    'Finds an invitation by the hash of its link; the person who accepts is a member of no agency yet.',
  accounts_of: 'The accounts of an e-mail address and the agencies they belong to: at sign-in and for the operator.',
  agencies_behind: 'The agencies with events that a subscriber has not handled. Returns ids.',
  audit_session_reuse: 'Records the reuse of a refresh token in each agency of the person.',
  claim_events: 'Claims the next events of the given agencies for a subscriber.',
  count_agencies: 'The number of agencies: whether demo data may be loaded.',
  create_account: 'Creates an account with a proven address. Accounts belong to no agency.',
  end_all_sessions: 'Ends the sessions of one person. Sessions belong to people.',
  end_session: 'Ends the session of a refresh token.',
  find_agency: 'The id of the agency with a slug, for the commands of the operator.',
  has_signed_in_from: 'Whether a person has signed in from a network before.',
  keep_actors: 'A trigger: a changed name is changed in each agency of the person.',
  last_event: 'The number of the last event of the agency in the claims.',
  list_agencies: 'The agencies of the deployment, for the commands of the operator.',
  memberships_of: 'The agencies of a person, before one of them is chosen for the request.',
  open_invitation: 'Shows an invitation to whoever has its link, before the person is a member.',
  prove_account: 'Marks the address of an account as proven.',
  purge_sessions: 'Deletes sessions that ended long ago. Returns a count.',
  read_events: 'The next events of the given agencies, for delivery to subscribers of this deployment.',
  refuse_foreign_local_account:
    'A trigger: an unproven account is a member of one agency only, so it has to look at the others.',
  register_subscriber: 'The position of a new subscriber in each agency.',
  remember_network: 'Stores the network of a sign-in for one person.',
  require_actor: 'Checks the membership of the person and the agency in the claims.',
  rotate_refresh_token: 'Replaces a refresh token. Sessions belong to people.',
  schema_version: 'The version of the newest migration.',
  seal_audit:
    'Numbers and links new entries of the audit log, each agency by itself, in the order of the transactions.',
  sessions_of: 'The sessions of one person.',
  set_password: 'Sets the password of one account.',
  set_subject: 'Links one account to the identity provider.',
  settle_events: 'Stores the position of a subscriber in the given agencies.',
  sign_in_user: 'The account of an e-mail address for the check of a password.',
  start_session: 'Starts a session of one person.',
  subscriber_states: 'Numbers about each subscriber over all agencies, for operators. No ids.',
  token_generation_of: 'Whether the tokens of one person are still valid.',
  withhold_answers: 'Clears stored responses of the agency in the claims that name an erased guest.',
}
