// The pages that the links of e-mails lead to, until there is a console.
import type { Api, ApiDeps } from '../../http/api.ts'
import { pageRoute } from '../../http/pages.ts'
import { pagePaths } from '../team/mails.ts'
import { emailConfirmationPage } from './email-confirmation.ts'
import { invitationPage } from './invitation.ts'
import { passwordResetPage } from './password-reset.ts'
import { withProblemPages } from './problems.ts'

/** Without a secret there is no sign-in with a password. */
export function accountPages(app: Api, deps: ApiDeps): void {
  if (!deps.tokens.canIssue) return
  pageRoute(app, pagePaths.invitation, withProblemPages(invitationPage(deps)))
  pageRoute(app, pagePaths.password, withProblemPages(passwordResetPage(deps)))
  pageRoute(app, pagePaths.email, withProblemPages(emailConfirmationPage(deps)))
}
