// /api/v1/auth/invitations: for whoever has the link, before they belong to any agency.
import { ConflictError, InvitationNotFoundError, LoginFailedError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { findInvitation, join, type OpenInvitation, provePerson } from './acceptance.ts'
import { Acceptance, InvitationInfo, InvitationToken, TokenPair } from './schema.ts'
import { startSession } from './sessions.ts'
import { deviceOf, signIn } from './sign-in.ts'

const tags = ['team']

export function acceptanceRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities, limits, tokens } = deps
  app.post(
    '/auth/invitations/lookup',
    {
      config: { open: true, errors: [InvitationNotFoundError] },
      schema: { tags, summary: 'What an invitation is for', body: InvitationToken, response: { 200: InvitationInfo } },
    },
    async (req) => {
      const { agency_name, email, full_name, role, user_id } = await open(req.body.token, req.ip)
      return { agency_name, email, full_name, role, needs_password: user_id === null }
    },
  )

  app.post(
    '/auth/invitations/accept',
    {
      config: { open: true, errors: [InvitationNotFoundError, LoginFailedError, ConflictError] },
      schema: {
        tags,
        summary: 'Accept an invitation, and be signed in',
        description:
          'With a new e-mail the password is the one the account gets. With an e-mail that has an account already it ' +
          'must be the password of that account.',
        body: Acceptance,
        response: { 200: TokenPair },
      },
    },
    async (req) => {
      const invitation = await open(req.body.token, req.ip)
      const person = await provePerson(db, invitation, req.body, (account) => signIn(deps, req, account))
      await join(db, invitation, person, req.id)
      identities.forget(person.id)
      return startSession(db, tokens, person, deviceOf(deps, req, invitation))
    },
  )

  async function open(token: string, address: string): Promise<OpenInvitation> {
    const attempt = await limits.secret(address)
    const invitation = await findInvitation(db, token)
    await attempt.forgive()
    return invitation
  }
}
