// /api/v1/auth: sign-in, refresh and sign-out.
import { LoginFailedError, RefreshTokenInvalidError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { plainRoute } from '../../http/route.ts'
import type { Account } from './accounts.ts'
import { Login, Refresh, TokenPair } from './schema.ts'
import { refreshSession, signOut, signOutEverywhere, startSession } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function authRoutes(app: Api, deps: ApiDeps): void {
  signInRoutes(app, deps)
  signOutRoutes(app, deps)
}

function signInRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities, limits, mail, tokens } = deps
  plainRoute(app, 'POST', '/auth/login', {
    open: true,
    errors: [LoginFailedError],
    tags,
    operationId: 'signIn',
    summary: 'Sign in with e-mail and password',
    description:
      'Starts a session of 30 days and returns its first tokens. Failed attempts are limited per account and network.',
    body: Login,
    response: TokenPair,
    work: async (req) => {
      const { email, password, agency } = req.body
      const isEligible = ({ active_slugs }: Account) => agency === undefined || active_slugs.includes(agency)
      const user = await signIn(deps, req, { email, password, isEligible })
      return startSession(db, tokens, user, deviceOf(deps, req, user))
    },
  })

  plainRoute(app, 'POST', '/auth/refresh', {
    open: true,
    errors: [RefreshTokenInvalidError],
    tags,
    operationId: 'refreshTokens',
    summary: 'Exchange a refresh token for new tokens',
    description:
      'Each refresh token can be used once. A repeat within ten seconds, in case the response was lost, returns the ' +
      'same refresh token. Any later reuse ends the session and its access tokens, since the token may have been ' +
      'stolen; `GET /me` and `GET /me/sessions` show this. A session lasts 30 days.',
    body: Refresh,
    response: TokenPair,
    work: async (req) => {
      const attempt = await limits.secret(req.ip)
      const { refresh_token } = req.body
      const refreshed = await refreshSession(db, tokens, { refresh_token, request_id: req.id }, mail)
      if ('user_id' in refreshed) {
        identities.invalidate(refreshed.user_id)
        throw new RefreshTokenInvalidError()
      }
      await attempt.uncount()
      return refreshed
    },
  })
}

function signOutRoutes(app: Api, { db, identities }: ApiDeps): void {
  plainRoute(app, 'POST', '/auth/logout', {
    open: true,
    tags,
    operationId: 'signOut',
    summary: 'Sign out: end the session of a refresh token',
    description: 'Answers 204 for any token. The access tokens of the session end within a second.',
    body: Refresh,
    work: async (req) => {
      const user_id = await signOut(db, req.body.refresh_token)
      if (user_id !== null) identities.invalidate(user_id)
    },
  })

  plainRoute(app, 'POST', '/auth/logout-everywhere', {
    signedIn: true,
    tags,
    operationId: 'signOutEverywhere',
    summary: 'End all my sessions and tokens',
    description: 'Ends every session of yours and every access token that Roost issued for you, in all agencies.',
    work: async ({ identity: { user_id } }) => {
      await signOutEverywhere(db, user_id)
      identities.invalidate(user_id)
    },
  })
}
