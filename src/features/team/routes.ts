// /api/v1/auth/login and /api/v1/me.
import { permissionsOf } from '../../core/auth.ts'
import { LoginFailedError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { actAs } from '../../http/authenticate.ts'
import { Login, Me, Token } from './schema.ts'
import { accountOf, checkPassword } from './team.ts'

const tags = ['team']

export function teamRoutes(app: Api, { db, limits, tokens }: ApiDeps): void {
  if (tokens.canIssue) {
    app.post(
      '/auth/login',
      {
        config: { open: true, errors: [LoginFailedError] },
        schema: { tags, summary: 'Sign in with e-mail and password', body: Login, response: { 200: Token } },
      },
      async (req) => {
        const { email, password } = req.body
        const attempt = await limits.signIn(accountOf(email), req.ip)
        const user = await checkPassword(db, email, password)
        await attempt.forgive()
        return { ...(await tokens.issue({ user_id: user.id })), token_type: 'Bearer' as const }
      },
    )
  }

  app.get(
    '/me',
    {
      config: { signedIn: true },
      schema: { tags, summary: 'Who am I, where, and what may I do', response: { 200: Me } },
    },
    async (req) => {
      const { user_id: id, email, full_name, memberships } = req.identity
      const wanted = req.wantedAgency
      const actor = wanted === undefined && memberships.length > 1 ? undefined : actAs(req, wanted)
      const role = memberships.find(({ agency_id }) => agency_id === actor?.agency_id)?.role
      return {
        user: { id, email, full_name },
        agencies: [...memberships],
        agency_id: actor?.agency_id ?? null,
        role: role ?? null,
        permissions: role === undefined ? {} : permissionsOf(role),
      }
    },
  )
}
