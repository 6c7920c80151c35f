// Bearer token -> request.identity (who) and request.actor (who, in which agency, as what).
import type { FastifyRequest } from 'fastify'
import type { Identities, Identity } from '../core/auth/memberships.ts'
import type { Actor } from '../core/auth/permissions.ts'
import { bearerToken, type Tokens } from '../core/auth/tokens.ts'
import { AgencyRequiredError, ForbiddenError, TokenInvalidError } from '../core/errors.ts'
import { clientSignal } from './client-signal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that is not open. */
    identity: Identity
    /** The agency the token or the X-Agency-Id header names; undefined when neither does. */
    wantedAgency: string | undefined
    /** Of the token, when it is one of ours. */
    tokenGeneration: number | null
    sessionId: string | null
    /** Set on every route that says `can`. */
    actor: Actor
  }
}

export interface AuthenticateDeps {
  readonly tokens: Tokens
  readonly identities: Identities
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Verifies the token before any database is asked, then finds out who it is and which agency the request names. */
export async function authenticate(deps: AuthenticateDeps, request: FastifyRequest): Promise<void> {
  const token = await deps.tokens.verify(bearerToken(request.raw.rawHeaders))
  const identity = await deps.identities.find(token)
  if (identity === undefined) throw new TokenInvalidError()
  if (token.is_own && token.generation !== identity.token_generation) {
    throw new TokenInvalidError({ cause: 'signed out everywhere since' })
  }
  if (token.session_id !== undefined && identity.ended_sessions.includes(token.session_id)) {
    throw new TokenInvalidError({ cause: 'its session has ended' })
  }
  if (identity.memberships.length === 0) {
    throw new ForbiddenError({ message: 'You are not an active member of any agency.' })
  }
  request.identity = identity
  request.tokenGeneration = token.is_own ? identity.token_generation : null
  request.sessionId = token.is_own ? (token.session_id ?? null) : null
  request.wantedAgency = agencyOf(token.agency_id, agencyHeader(request))
}

/** A token for one agency never acts in the one the header names instead: the caller must not be surprised where. */
function agencyOf(bound: string | undefined, wanted: string | undefined): string | undefined {
  if (bound === undefined || wanted === undefined || bound === wanted) return bound ?? wanted
  throw new ForbiddenError({ message: 'The token is for another agency than X-Agency-Id names.' })
}

function agencyHeader(request: FastifyRequest): string | undefined {
  const wanted = request.headers['x-agency-id']
  if (wanted === undefined) return undefined
  if (typeof wanted !== 'string' || !uuid.test(wanted)) throw notAMember()
  return wanted.toLowerCase()
}

/** The membership the request acts under: the one asked for, or the only one. */
export function actAs(request: FastifyRequest, wanted: string | undefined): Actor {
  const { memberships, user_id, verified_at } = request.identity
  if (wanted === undefined && memberships.length > 1) throw new AgencyRequiredError({ meta: { agencies: memberships } })
  const membership = memberships.find(({ agency_id }) => wanted === undefined || agency_id === wanted)
  if (membership === undefined) throw notAMember()
  const { agency_id, role } = membership
  const { tokenGeneration: token_generation, sessionId: session_id, raw } = request
  const context = { verified_at, token_generation, session_id, signal: clientSignal(raw.socket) }
  return { agency_id, role, user_id, request_id: request.id, request: context }
}

function notAMember(): ForbiddenError {
  return new ForbiddenError({ message: 'You are not an active member of this agency.' })
}
