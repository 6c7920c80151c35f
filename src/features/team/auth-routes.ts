// /api/v1/auth and /api/v1/me: sign-in, refresh, sign-out, sessions and the own account.
import { findPasswordProblem } from '../../core/auth/password-rules.ts'
import { listPermissions } from '../../core/auth/permissions.ts'
import { invalid, LoginFailedError, RefreshTokenInvalidError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { actAs } from '../../http/authenticate.ts'
import { plainRoute } from '../../http/route.ts'
import { type Account, findAccounts, hashFor } from './accounts.ts'
import { Login, Me, PasswordChange, Refresh, Sessions, TokenPair } from './schema.ts'
import { changePassword, listSessions, refreshSession, signOut, signOutEverywhere, startSession } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function authRoutes(app: Api, deps: ApiDeps): void {
  signInRoutes(app, deps)
  signOutRoutes(app, deps)
  ownAccountRoutes(app, deps)
}

function signInRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities, limits, tokens } = deps
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
      const refreshed = await refreshSession(db, tokens, { refresh_token, request_id: req.id })
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

function ownAccountRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities, tokens } = deps
  plainRoute(app, 'POST', '/auth/password', {
    signedIn: true,
    errors: [LoginFailedError],
    tags,
    operationId: 'changePassword',
    summary: 'Change my password and end all other sessions',
    description: 'The response has the tokens of a new session; all others end.',
    body: PasswordChange,
    response: TokenPair,
    work: async (req) => {
      const { email, user_id, memberships } = req.identity
      const { current_password, new_password } = req.body
      const agencies = memberships.flatMap(({ agency_name, agency_slug }) => [agency_name, agency_slug])
      const problem = findPasswordProblem(new_password, { email, agencies })
      if (problem !== undefined) throw invalid('/new_password', problem)
      const isEligible = ({ id }: Account) => id === user_id
      const person = await signIn(deps, req, { email, password: current_password, is_proven: true, isEligible })
      const new_hash = await hashFor(await findAccounts(db, email), new_password)
      const pair = await changePassword(db, tokens, { ...person, new_hash }, deviceOf(deps, req, person))
      identities.invalidate(user_id)
      return pair
    },
  })

  plainRoute(app, 'GET', '/me/sessions', {
    signedIn: true,
    tags,
    operationId: 'listSessions',
    summary: 'List my sessions',
    description: 'Active sessions, then those that ended in the last 30 days because a refresh token was reused.',
    response: Sessions,
    work: async (req) => ({ items: await listSessions(db, req.identity.user_id) }),
  })
}

export function meRoute(app: Api): void {
  plainRoute(app, 'GET', '/me', {
    signedIn: true,
    tags,
    operationId: 'getMe',
    summary: 'Read my account, agencies and permissions',
    description: 'Who you are, the agencies you belong to, and what your role may do in the chosen one.',
    response: Me,
    work: async (req) => {
      const { user_id: id, email, full_name, memberships, reused_sessions } = req.identity
      const wanted = req.wantedAgency
      const actor = wanted === undefined && memberships.length > 1 ? undefined : actAs(req, wanted)
      const role = memberships.find(({ agency_id }) => agency_id === actor?.agency_id)?.role
      return {
        user: { id, email, full_name },
        agencies: [...memberships],
        agency_id: actor?.agency_id ?? null,
        role: role ?? null,
        permissions: role === undefined ? {} : listPermissions(role),
        notices: reused_sessions.map((session) => ({ code: 'SESSION_ENDED_BY_REUSE' as const, ...session })),
      }
    },
  })
}
