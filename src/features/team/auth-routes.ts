// /api/v1/auth: sign-in, refresh and sign-out.
import type { FastifyRequest } from 'fastify'
import { LoginFailedError, RefreshTokenInvalidError, SameOriginRequiredError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { plainRoute } from '../../http/route.ts'
import { createSessionCookie } from '../../http/session-cookie.ts'
import type { Account } from './accounts.ts'
import { createSessionAnswers } from './browser-sessions.ts'
import { type IssuedPair, Login, Refresh, TokenPair } from './schema.ts'
import { refreshSession, signOut, signOutEverywhere, startSession } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function authRoutes(app: Api, deps: ApiDeps): void {
  signInRoutes(app, deps)
  signOutRoutes(app, deps)
}

function signInRoutes(app: Api, deps: ApiDeps): void {
  const { config, db, tokens } = deps
  const answers = createSessionAnswers(config)
  plainRoute(app, 'POST', '/auth/login', {
    open: true,
    session_cookie: 'set',
    errors: [LoginFailedError, SameOriginRequiredError],
    tags,
    operationId: 'signIn',
    summary: 'Sign in with e-mail and password',
    description:
      'Starts a session of 30 days and returns its first tokens. Failed attempts are limited per account and network. With ' +
      '`session: cookie` the refresh token is set as a cookie instead of in the body.',
    body: Login,
    response: TokenPair,
    work: async (req, reply) => {
      answers.requireOwnPage(req)
      const { email, password, agency } = req.body
      const isEligible = ({ active_slugs }: Account) => agency === undefined || active_slugs.includes(agency)
      const user = await signIn(deps, req, { email, password, isEligible })
      return answers.send(req, reply, await startSession(db, tokens, user, deviceOf(deps, req, user)))
    },
  })

  plainRoute(app, 'POST', '/auth/refresh', {
    open: true,
    session_cookie: 'read',
    errors: [RefreshTokenInvalidError, SameOriginRequiredError],
    tags,
    operationId: 'refreshTokens',
    summary: 'Exchange a refresh token for new tokens',
    description:
      'Each refresh token can be used once. A repeat within ten seconds, in case the response was lost, returns the ' +
      'same refresh token. Any later reuse ends the session and its access tokens, since the token may have been ' +
      'stolen; `GET /me` and `GET /me/sessions` show this. A session lasts 30 days. With `session: cookie` instead of ' +
      '`refresh_token` the token is read from the cookie, and the next one is set as the cookie; 401 deletes it.',
    body: Refresh,
    response: TokenPair,
    work: async (req, reply) => {
      const refresh_token = answers.refreshTokenOf(req)
      try {
        if (refresh_token === undefined) throw new RefreshTokenInvalidError()
        return answers.send(req, reply, await refresh(deps, req, refresh_token))
      } catch (error) {
        if (error instanceof RefreshTokenInvalidError) answers.clear(req, reply)
        throw error
      }
    },
  })
}

/** Throws RateLimitedError, and RefreshTokenInvalidError: only that counts as an attempt. */
async function refresh(deps: ApiDeps, { id, ip }: FastifyRequest, refresh_token: string): Promise<IssuedPair> {
  const { db, identities, limits, mail, tokens } = deps
  const attempt = await limits.secret(ip)
  const refreshed = await refreshSession(db, tokens, { refresh_token, request_id: id }, mail)
  if ('user_id' in refreshed) {
    identities.invalidate(refreshed.user_id)
    throw new RefreshTokenInvalidError()
  }
  await attempt.uncount()
  return refreshed
}

function signOutRoutes(app: Api, { config, db, identities }: ApiDeps): void {
  const answers = createSessionAnswers(config)
  const cookie = createSessionCookie(config)
  plainRoute(app, 'POST', '/auth/logout', {
    open: true,
    session_cookie: 'read',
    errors: [SameOriginRequiredError],
    tags,
    operationId: 'signOut',
    summary: 'Sign out: end the session of a refresh token',
    description:
      'Answers 204 for any token. The access tokens of the session end within a second. With `session: cookie` instead of ' +
      '`refresh_token` the token is read from the cookie, which is deleted.',
    body: Refresh,
    work: async (req, reply) => {
      const refresh_token = answers.refreshTokenOf(req)
      const user_id = refresh_token === undefined ? null : await signOut(db, refresh_token)
      if (user_id !== null) identities.invalidate(user_id)
      answers.clear(req, reply)
    },
  })

  plainRoute(app, 'POST', '/auth/logout-everywhere', {
    signedIn: true,
    session_cookie: 'set',
    tags,
    operationId: 'signOutEverywhere',
    summary: 'End all my sessions and tokens',
    description:
      'Ends every session of yours and every access token that Roost issued for you, in all agencies. Deletes the session cookie.',
    work: async (req, reply) => {
      const { user_id } = req.identity
      await signOutEverywhere(db, user_id)
      identities.invalidate(user_id)
      cookie.clear(req, reply)
    },
  })
}
