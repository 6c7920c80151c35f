// /api/v1/auth/password-resets: routes for people who have lost their password, without authentication.
import { LinkNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { plainRoute } from '../../http/route.ts'
import { LinkToken, ResetAcceptance, ResetInfo, ResetRequest, ResetRequested } from './account-schema.ts'
import { lifetimes } from './mails.ts'
import { acceptReset, findReset, requestReset } from './password-resets.ts'

const tags = ['team']

export function resetRoutes(app: Api, { db, identities, limits, mail }: ApiDeps): void {
  plainRoute(app, 'POST', '/auth/password-resets', {
    open: true,
    tags,
    operationId: 'requestPasswordReset',
    summary: 'Request a link for a new password',
    description:
      'Sends a link to the address, at most five in an hour. The answer is the same when the address has no account: ' +
      'then nothing is sent.',
    body: ResetRequest,
    responses: { 202: ResetRequested },
    work: async (req, reply) => {
      await limits.passwordReset(req.ip)
      await requestReset(db, mail, req.body.email)
      return reply.code(202).send({ expires_in: lifetimes.link, delivery: mail.is_sent ? 'mail' : 'operator' })
    },
  })

  plainRoute(app, 'POST', '/auth/password-resets/lookup', {
    open: true,
    errors: [LinkNotFoundError],
    tags,
    operationId: 'lookUpPasswordReset',
    summary: 'Look up a link for a new password',
    description: 'Whose password the link sets. The link stays valid.',
    body: LinkToken,
    response: ResetInfo,
    work: async (req) => {
      const { email } = await attemptSecret(limits, req.ip, () => findReset(db, req.body.token))
      return { email }
    },
  })

  plainRoute(app, 'POST', '/auth/password-resets/accept', {
    open: true,
    errors: [LinkNotFoundError],
    tags,
    operationId: 'acceptPasswordReset',
    summary: 'Set a new password with a link',
    description:
      'The link can be used once, within an hour. All sessions and tokens of the accounts of the address end; sign in ' +
      'with the new password. A link that was sent to the address proves it.',
    body: ResetAcceptance,
    work: async (req) => {
      const changed = await attemptSecret(limits, req.ip, () => acceptReset(db, mail, req.body, req.id))
      for (const id of changed) identities.invalidate(id)
    },
  })
}
