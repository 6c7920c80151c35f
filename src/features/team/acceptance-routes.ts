// /api/v1/auth/invitations: routes for the holder of an invitation token, without authentication.
import { ConflictError, InvitationNotFoundError, LoginFailedError, SameOriginRequiredError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { plainRoute } from '../../http/route.ts'
import { accept, findInvitation, type OpenInvitation } from './acceptance.ts'
import { createSessionAnswers } from './browser-sessions.ts'
import { Acceptance, InvitationInfo, InvitationToken, TokenPair } from './schema.ts'
import { startSession } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function acceptanceRoutes(app: Api, deps: ApiDeps): void {
  const { config, db, identities, limits, tokens } = deps
  const answers = createSessionAnswers(config)
  plainRoute(app, 'POST', '/auth/invitations/lookup', {
    open: true,
    errors: [InvitationNotFoundError],
    tags,
    operationId: 'lookUpInvitation',
    summary: 'Look up an invitation',
    description: 'What the holder of the token is invited to, before they accept.',
    body: InvitationToken,
    response: InvitationInfo,
    work: async (req) => {
      const { agency_name, email, full_name, role, was_member, has_account } = await lookUp(req.body.token, req.ip)
      return { agency_name, email, full_name, role, was_member, has_account }
    },
  })

  plainRoute(app, 'POST', '/auth/invitations/accept', {
    open: true,
    session_cookie: 'set',
    errors: [InvitationNotFoundError, LoginFailedError, ConflictError, SameOriginRequiredError],
    tags,
    operationId: 'acceptInvitation',
    summary: 'Accept an invitation and sign in',
    description:
      'A link that was sent to the address proves it: the existing account with this proven e-mail joins with its own ' +
      'password, or a new account is created. For a link that the inviter has seen, the new account belongs to the ' +
      'inviting agency only, whether the e-mail has an account elsewhere or not; with `has_account` the existing ' +
      'account joins instead. A former member accepts with their previous password. `session` as in ' +
      '`POST /auth/login`.',
    body: Acceptance,
    response: TokenPair,
    work: async (req, reply) => {
      answers.requireOwnPage(req)
      const invitation = await lookUp(req.body.token, req.ip)
      const person = await accept(db, invitation, req.body, req.id, (given) => signIn(deps, req, given))
      identities.invalidate(person.id)
      return answers.send(req, reply, await startSession(db, tokens, person, deviceOf(deps, req, invitation)))
    },
  })

  function lookUp(token: string, address: string): Promise<OpenInvitation> {
    return attemptSecret(limits, address, () => findInvitation(db, token))
  }
}
