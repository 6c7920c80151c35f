// Authentication: verifies the bearer token and loads the identity; actAs returns the actor.
import type { FastifyRequest } from 'fastify'
import { AppError } from '../core/app-error.ts'
import type { Actor } from '../core/auth/actors.ts'
import type { Identities, Identity } from '../core/auth/memberships.ts'
import { bearerToken, type Tokens, type VerifiedToken } from '../core/auth/tokens.ts'
import { AgencyRequiredError, ForbiddenError, TokenInvalidError } from '../core/errors.ts'
import { clientSignal } from './client-signal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified token. Set on every route that is not `open`. */
    token: VerifiedToken
    /** The signed-in user. Set on every route that is not `open`. */
    identity: Identity
    /** The agency the token or the X-Agency-Id header names; undefined when neither does. */
    wantedAgency: string | undefined
    /** From the token, if Roost issued it. */
    tokenGeneration: number | null
    sessionId: string | null
    /** The user with the agency and role of the request. Set on every route with `can`. */
    actor: Actor
  }
}

export interface AuthenticateDeps {
  readonly tokens: Tokens
  readonly identities: Identities
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Verifies the token before any database query, then loads the identity and reads the agency of the request. */
export async function authenticate(deps: AuthenticateDeps, request: FastifyRequest): Promise<void> {
  const token = await deps.tokens.verify(bearerToken(request.raw.rawHeaders))
  const identity = await identify(deps.identities, token, request.routeOptions.config.during_outage)
  if (identity.memberships.length === 0) {
    throw new ForbiddenError({ message: 'You are not an active member of any agency.' })
  }
  request.token = token
  request.identity = identity
  request.tokenGeneration = token.is_own ? identity.token_generation : null
  request.sessionId = token.is_own ? (token.session_id ?? null) : null
  request.wantedAgency = agencyOf(token.agency_id, agencyHeader(request))
}

/**
 * The person behind a verified token. Throws TokenInvalidError when there is none, or the token was revoked. `during_outage`: while
 * the database does not respond, an admin is who they were when it last did.
 */
export async function identify(identities: Identities, token: VerifiedToken, during_outage = false): Promise<Identity> {
  const identity = await identities.find(token).catch((error: unknown) => {
    const known =
      during_outage && error instanceof AppError && error.status === 503 ? identities.recall(token) : undefined
    if (known === undefined) throw error
    return known
  })
  if (identity === undefined) throw new TokenInvalidError()
  if (token.is_own && token.generation !== identity.token_generation) {
    throw new TokenInvalidError({ cause: 'signed out of all sessions' })
  }
  if (token.session_id !== undefined && identity.ended_sessions.includes(token.session_id)) {
    throw new TokenInvalidError({ cause: 'the session has ended' })
  }
  return identity
}

/** Throws when the token and the header name different agencies. */
function agencyOf(bound: string | undefined, wanted: string | undefined): string | undefined {
  if (bound === undefined || wanted === undefined || bound === wanted) return bound ?? wanted
  throw new ForbiddenError({ message: 'The token and X-Agency-Id name different agencies.' })
}

function agencyHeader(request: FastifyRequest): string | undefined {
  const wanted = request.headers['x-agency-id']
  if (wanted === undefined) return undefined
  if (typeof wanted !== 'string' || !uuid.test(wanted)) throw notAMember()
  return wanted.toLowerCase()
}

/** The actor for the wanted agency, or for the only membership. */
export function actAs(request: FastifyRequest, wanted: string | undefined): Actor {
  const { memberships, user_id, verified_at } = request.identity
  if (wanted === undefined && memberships.length > 1) throw new AgencyRequiredError({ meta: { agencies: memberships } })
  const membership = memberships.find(({ agency_id }) => wanted === undefined || agency_id === wanted)
  if (membership === undefined) throw notAMember()
  const { agency_id, role } = membership
  const { tokenGeneration: token_generation, sessionId: session_id, raw } = request
  const context = { verified_at, token_generation, session_id, signal: clientSignal(raw.socket) }
  return { agency_id, id: user_id, kind: 'person', role, request_id: request.id, request: context }
}

function notAMember(): ForbiddenError {
  return new ForbiddenError({ message: 'You are not an active member of this agency.' })
}
