// What this deployment's schema is allowed to have beyond the rule: each entry says why. The audit reports everything else.

/** The only roles that may be granted anything, beside the schema's owner. None of them logs in. */
export const roles = {
  /** Every request of an agency: all tenant policies are for this role. */
  tenant: 'authenticated',
  /** Background work and sign-in, before an agency is known. */
  system: 'roost_system',
  /** Owns the functions of `definers`; nobody becomes it. */
  definer: 'roost_auth',
} as const

/** The table of the agencies themselves: its own id is the tenant key. */
export const agencyTable = 'agencies'

/** Tables of the public schema that belong to no agency. */
export const sharedTables: Readonly<Record<string, string>> = {
  refresh_tokens: 'sessions belong to people; only the sign-in functions see them',
  sessions: 'sessions belong to people; only the sign-in functions see them',
  users: 'a person may work for several agencies; an agency sees its own members by a policy of its own',
}

/** Unique keys of tenant tables that do not lead with the agency. */
export const globalKeys: Readonly<Record<string, string>> = {
  agencies_pkey: 'the id is the tenant key',
  agencies_slug_key: 'the slug names the agency itself, and only an agency of that id could insert one',
}

/** Functions that run as their owner and look across agencies. The tenant role may call those of `forTenants` only. */
export const definers: readonly string[] = [
  'accept_invitation',
  'accounts_of',
  'announce_event',
  'audit_session_reuse',
  'count_agencies',
  'create_account',
  'end_all_sessions',
  'end_session',
  'find_agency',
  'has_signed_in_from',
  'list_agencies',
  'memberships_of',
  'open_invitation',
  'prove_account',
  'purge_sessions',
  'refuse_foreign_local_account',
  'remember_network',
  'require_actor',
  'rotate_refresh_token',
  'schema_version',
  'seal_audit',
  'sessions_of',
  'set_password',
  'set_subject',
  'sign_in_user',
  'start_session',
  'token_generation_of',
  'withhold_answers',
]

/** All take the agency from the claims: one writes to the job queue, one checks the claims, one empties kept answers. */
export const forTenants: readonly string[] = ['announce_event', 'require_actor', 'withhold_answers']

/** Policies of the system role, and what they are limited to: no policy of it may show every row. */
export const systemPolicies: Readonly<Record<string, string>> = {
  'holds.purge_select': 'what expired a day ago without a booking',
  'holds.purge_update': 'notes of what expired a day ago without a booking, only to delete them',
  'idempotency_keys.purge_delete': 'what has expired',
  'idempotency_keys.purge_select': 'what has expired',
  'occupancies.purge_delete': 'what has expired',
  'occupancies.purge_select': 'what has expired',
}
