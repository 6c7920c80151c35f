// /api/v1/me and /api/v1/auth/password: the own account.
import type { FastifyRequest } from 'fastify'
import { findPasswordProblem } from '../../core/auth/password-rules.ts'
import { listPermissions } from '../../core/auth/permissions.ts'
import {
  ConflictError,
  invalid,
  LinkNotFoundError,
  LoginFailedError,
  SameOriginRequiredError,
  SessionNotFoundError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { actAs } from '../../http/authenticate.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { plainRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { createSessionCookie } from '../../http/session-cookie.ts'
import { LinkToken, ProfilePatch } from './account-schema.ts'
import { type Account, findAccounts, hashFor, requireEmail } from './accounts.ts'
import { createSessionAnswers } from './browser-sessions.ts'
import { changeProfile, confirmEmail, getProfile } from './own-account.ts'
import { Me, PasswordChange, Profile, Sessions, TokenPair } from './schema.ts'
import { changePassword, endSession, listSessions } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function ownAccountRoutes(app: Api, deps: ApiDeps): void {
  passwordRoutes(app, deps)
  sessionRoutes(app, deps)
  profileRoutes(app, deps)
}

function passwordRoutes(app: Api, deps: ApiDeps): void {
  const { config, db, identities, mail, tokens } = deps
  const answers = createSessionAnswers(config)
  plainRoute(app, 'POST', '/auth/password', {
    signedIn: true,
    session_cookie: 'set',
    errors: [LoginFailedError, SameOriginRequiredError],
    tags,
    operationId: 'changePassword',
    summary: 'Change my password and end all other sessions',
    description: 'The response has the tokens of a new session; all others end. `session` as in `POST /auth/login`.',
    body: PasswordChange,
    response: TokenPair,
    work: async (req, reply) => {
      answers.requireOwnPage(req)
      const { email, user_id, memberships } = req.identity
      const { current_password, new_password } = req.body
      const agencies = memberships.flatMap(({ agency_name, agency_slug }) => [agency_name, agency_slug])
      const problem = findPasswordProblem(new_password, { email, agencies })
      if (problem !== undefined) throw invalid('/new_password', problem)
      const isEligible = ({ id }: Account) => id === user_id
      const person = await signIn(deps, req, { email, password: current_password, is_proven: true, isEligible })
      const new_hash = await hashFor(await findAccounts(db, email), new_password)
      const pair = await changePassword(db, tokens, { ...person, new_hash }, deviceOf(deps, req, person), mail)
      identities.invalidate(user_id)
      return answers.send(req, reply, pair)
    },
  })
}

function sessionRoutes(app: Api, { config, db, identities }: ApiDeps): void {
  const cookie = createSessionCookie(config)
  plainRoute(app, 'GET', '/me/sessions', {
    signedIn: true,
    tags,
    operationId: 'listSessions',
    summary: 'List my sessions',
    description:
      'Active sessions, last used first, then those that ended in the last 30 days because a refresh token was reused. ' +
      '`used_at` is the time of the sign-in or the last refresh.',
    response: Sessions,
    work: async ({ identity, sessionId }) => ({ items: await listSessions(db, identity.user_id, sessionId) }),
  })

  plainRoute(app, 'DELETE', '/me/sessions/:id', {
    signedIn: true,
    session_cookie: 'set',
    errors: [SessionNotFoundError],
    tags,
    operationId: 'endSession',
    summary: 'End one of my sessions',
    description:
      'Signs one device out: the refresh token is refused, and access tokens of the session end within a second. Ending the ' +
      'session of this request deletes the session cookie.',
    params: IdPath,
    work: async (req, reply) => {
      const { user_id } = req.identity
      const { id } = req.params
      await endSession(db, user_id, id)
      identities.invalidate(user_id)
      if (id.toLowerCase() === req.sessionId) cookie.clear(req, reply)
    },
  })
}

function profileRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities, limits, mail } = deps
  plainRoute(app, 'PATCH', '/me', {
    signedIn: true,
    errors: [ConflictError, LoginFailedError],
    tags,
    operationId: 'updateMe',
    summary: 'Change my name, language or e-mail address',
    description:
      'Name and language change at once. A new address needs the password and replaces the former one when it is ' +
      'confirmed with the link that is sent to it; the former address gets a notice.',
    body: ProfilePatch,
    response: Profile,
    work: async (req) => {
      const { user_id: id } = req.identity
      const { full_name, language, email } = req.body
      const new_email = email === undefined ? undefined : await requireNewEmail(deps, req, req.body)
      await changeProfile(db, mail, { id, request_id: req.id }, { full_name, language, email: new_email })
      identities.invalidate(id)
      const { email: current } = req.identity
      return { id, email: current, full_name: full_name ?? req.identity.full_name, ...(await getProfile(db, id)) }
    },
  })

  plainRoute(app, 'POST', '/auth/email-confirmations', {
    open: true,
    errors: [ConflictError, LinkNotFoundError],
    tags,
    operationId: 'confirmEmail',
    summary: 'Confirm a new e-mail address with a link',
    description: 'The link can be used once, within an hour.',
    body: LinkToken,
    work: async (req) => {
      const user_id = await attemptSecret(limits, req.ip, () => confirmEmail(db, mail, req.body.token, req.id))
      identities.invalidate(user_id)
    },
  })
}

/**
 * The canonical new address, after a check of the password: an access token alone must not take the account over. Undefined for
 * the present address. Throws ValidationError, LoginFailedError, and ConflictError for an account of an identity provider.
 */
async function requireNewEmail(deps: ApiDeps, req: FastifyRequest, body: ProfilePatch): Promise<string | undefined> {
  const { email: present, user_id } = req.identity
  const email = requireEmail(body.email ?? '')
  if (body.current_password === undefined) throw invalid('/current_password', 'is required for a new e-mail address')
  const account = (await findAccounts(deps.db, present)).find(({ id }) => id === user_id)
  if (account?.auth_subject != null) {
    throw new ConflictError({ message: 'The address belongs to the identity provider: change it there.' })
  }
  const isEligible = ({ id }: Account) => id === user_id
  await signIn(deps, req, { email: present, password: body.current_password, is_proven: true, isEligible })
  return email === present ? undefined : email
}

export function meRoute(app: Api, { db }: ApiDeps): void {
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
        user: { id, email, full_name, ...(await getProfile(db, id)) },
        agencies: [...memberships],
        agency_id: actor?.agency_id ?? null,
        role: role ?? null,
        permissions: role === undefined ? {} : listPermissions(role),
        notices: reused_sessions.map((session) => ({ code: 'SESSION_ENDED_BY_REUSE' as const, ...session })),
      }
    },
  })
}
