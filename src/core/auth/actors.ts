// Actors: who acts in an agency, a person, an API key, a job or the operator (docs/adr/0022).
import type { ActorRole } from './permissions.ts'

export const actorKinds = ['person', 'api_key', 'job', 'operator'] as const

/** Who acts in one agency. Rows of the agency refer to `agency_id` and `id`: the primary key of the table actors. */
export interface Actor {
  readonly agency_id: string
  /** A person has the id of the user. The operator and jobs have the same id in every agency. */
  readonly id: string
  readonly kind: (typeof actorKinds)[number]
  readonly role: ActorRole
  readonly request_id?: string
  /** Set for HTTP requests only. */
  readonly request?: RequestContext
}

/** The credentials of a request, and whether its client is still connected. */
interface RequestContext {
  /** On the clock of performance.now(): when the actor's membership was last confirmed. */
  readonly verified_at: number
  /** The generation in a token of this deployment. Raising the user's generation revokes it. Null for other issuers. */
  readonly token_generation: number | null
  /** The session of the token, or null. Ending the session revokes the token. */
  readonly session_id: string | null
  /** Aborted when the client closes its connection. */
  readonly signal: AbortSignal
}

/** In each agency from its creation, so that no lookup is needed (supabase/migrations/20261130203000_actors.sql). */
const operator_id = '00000000-0000-8000-8000-000000000001'
const job_id = '00000000-0000-8000-8000-000000000002'

/** The command line of the deployment. */
export function operatorOf(agency_id: string): Actor {
  return { agency_id, id: operator_id, kind: 'operator', role: 'operator' }
}

/** A background job, with the rights of the operator. */
export function jobOf(agency_id: string): Actor {
  return { agency_id, id: job_id, kind: 'job', role: 'operator' }
}
