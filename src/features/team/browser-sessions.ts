// Requests and answers of browser sessions: with `session: 'cookie'` the refresh token is in a cookie, not in a body.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'
import { invalid } from '../../core/errors.ts'
import { createSessionCookie } from '../../http/session-cookie.ts'
import type { IssuedPair, Refresh, TokenPair } from './schema.ts'

interface Body {
  readonly session?: 'cookie'
}

/** Each function does nothing special for a request without `session`. */
export interface SessionAnswers {
  /** Call it before any work. Throws SameOriginRequiredError. */
  requireOwnPage(request: FastifyRequest<{ Body: Body }>): void
  /** The body of the response, after the refresh token was set as the cookie where the request asks for that. */
  send(request: FastifyRequest<{ Body: Body }>, reply: FastifyReply, pair: IssuedPair): TokenPair
  /**
   * The refresh token of the body or the cookie; undefined without the cookie. Throws SameOriginRequiredError, and
   * ValidationError unless the body has exactly one of both.
   */
  refreshTokenOf(request: FastifyRequest<{ Body: Refresh }>): string | undefined
  clear(request: FastifyRequest<{ Body: Body }>, reply: FastifyReply): void
}

export function createSessionAnswers(config: Config): SessionAnswers {
  const cookie = createSessionCookie(config)
  const requireOwnPage: SessionAnswers['requireOwnPage'] = (request) => {
    if (request.body.session === 'cookie') cookie.requireOwnPage(request)
  }
  return {
    requireOwnPage,
    send(request, reply, pair) {
      if (request.body.session !== 'cookie') return pair
      const { refresh_token, ...rest } = pair
      cookie.set(request, reply, refresh_token, pair.refresh_expires_in)
      return rest
    },
    refreshTokenOf(request) {
      const { refresh_token, session } = request.body
      if (session === undefined) {
        if (refresh_token === undefined) throw invalid('/refresh_token', 'is required', 'REQUIRED')
        return refresh_token
      }
      if (refresh_token !== undefined) throw invalid('/session', 'must be left out with refresh_token')
      requireOwnPage(request)
      return cookie.read(request)
    },
    clear(request, reply) {
      if (request.body.session === 'cookie') cookie.clear(request, reply)
    },
  }
}
