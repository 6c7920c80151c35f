// /api/v1/auth/invitations: for whoever has the link, before they belong to any agency.
import { InvitationNotFoundError, LoginFailedError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { accept, findInvitation, type OpenInvitation } from './acceptance.ts'
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
      const { agency_name, email, full_name, role, was_member } = await open(req.body.token, req.ip)
      return { agency_name, email, full_name, role, was_member }
    },
  )

  app.post(
    '/auth/invitations/accept',
    {
      config: { open: true, errors: [InvitationNotFoundError, LoginFailedError] },
      schema: {
        tags,
        summary: 'Accept an invitation, and be signed in',
        description:
          'Makes an account with this password that belongs to the inviting agency alone, whether the e-mail has an ' +
          'account elsewhere or not. With `has_account` the account that is proven to have this e-mail joins instead, ' +
          'by its own password. Somebody who was a member before comes back with the password they had.',
        body: Acceptance,
        response: { 200: TokenPair },
      },
    },
    async (req) => {
      const invitation = await open(req.body.token, req.ip)
      const person = await accept(db, invitation, req.body, req.id, (given) => signIn(deps, req, given))
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
