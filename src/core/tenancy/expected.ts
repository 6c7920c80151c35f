// The allowed exceptions to the rules of the tenancy audit, each with its reason.

/** The only roles with privileges, apart from the schema owner. None of them can log in. */
export const roles = {
  /** Requests of an agency. All tenant policies are for this role. */
  tenant: 'roost_tenant',
  /** Background jobs and sign-in, before an agency is known. */
  system: 'roost_system',
  /** Owns the functions of `definerFunctions`. Nothing runs SET ROLE to it. */
  definer: 'roost_auth',
} as const

/** Roles of Supabase's gateways. They act for people directly, without the API. */
export const gatewayRoles: readonly string[] = ['anon', 'authenticated', 'authenticator', 'service_role']

/** The table of agencies. Its id is the tenant key. */
export const agencyTable = 'agencies'

/** Tables of the public schema without an agency. */
export const sharedTables: Readonly<Record<string, string>> = {
  account_tokens: 'links for a person, or for the owner of an address; only the sign-in functions can read them',
  mail_messages:
    'e-mails to people, who may belong to several agencies; only functions for the worker and the operator can read them',
  refresh_tokens: 'sessions belong to users; only the sign-in functions can read them',
  sessions: 'sessions belong to users; only the sign-in functions can read them',
  users: 'a user may be a member of several agencies; a separate policy shows an agency its own members',
}

/** Unique keys of tenant tables that do not begin with the agency. */
export const globalKeys: Readonly<Record<string, string>> = {
  agencies_pkey: 'the id is the tenant key',
  agencies_slug_key: 'the slug identifies the agency, and rows can be inserted only with the id of the claims',
}

/** SECURITY DEFINER functions, which are cross-tenant. The tenant role may call those of `tenantDefinerFunctions` only. */
export const definerFunctions: readonly string[] = [
  'accept_invitation',
  'accounts_of',
  'add_email_token',
  'add_member_token',
  'add_password_token',
  'agencies_behind',
  'audit_account',
  'audit_session_reuse',
  'claim_events',
  'claim_mail',
  'confirm_email',
  'count_agencies',
  'create_account',
  'end_all_sessions',
  'end_own_session',
  'end_session',
  'entry_count',
  'find_agency',
  'guest_countries',
  'has_signed_in_from',
  'keep_actors',
  'last_event',
  'list_agencies',
  'list_mail',
  'mail_states',
  'memberships_of',
  'open_account_token',
  'open_invitation',
  'profile_of',
  'prove_account',
  'purge_account_tokens',
  'purge_mail',
  'purge_sessions',
  'queue_mail',
  'read_events',
  'refuse_foreign_local_account',
  'register_subscriber',
  'remember_network',
  'require_actor',
  'reset_password',
  'rotate_refresh_token',
  'schema_version',
  'seal_audit',
  'sessions_of',
  'set_password',
  'set_subject',
  'settle_events',
  'settle_mail',
  'sign_in_user',
  'start_session',
  'subscriber_states',
  'token_generation_of',
  'update_profile',
  'withhold_answers',
]

/**
 * They take the agency from the claims: one checks them, one clears stored responses, two return a number, one makes a link for a
 * member, one returns the countries of guests. `queue_mail` only adds a row.
 */
export const tenantDefinerFunctions: readonly string[] = [
  'add_member_token',
  'entry_count',
  'guest_countries',
  'last_event',
  'queue_mail',
  'require_actor',
  'withhold_answers',
]

/** Policies of the system role and the rows they are limited to. None may show all rows. */
export const systemPolicies: Readonly<Record<string, string>> = {
  'event_dead_letters.due_select': 'events that the operator has asked to deliver again',
  'holds.purge_select': 'holds that expired a day ago without a booking',
  'idempotency_keys.purge_delete': 'expired rows',
  'idempotency_keys.purge_select': 'expired rows',
  'occupancies.purge_select': 'expired rows',
}
