// The page of a link that confirms a new e-mail address.
import { ConflictError } from '../../core/errors.ts'
import type { ApiDeps } from '../../http/api.ts'
import type { HtmlPage, PageHandlers, PageRequest } from '../../http/pages.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { confirmEmail, findConfirmation } from '../team/own-account.ts'
import { doneHtml, formHtml } from './forms.ts'
import { texts } from './texts.ts'

export function emailConfirmationPage({ db, identities, limits, mail }: ApiDeps): PageHandlers {
  const find = async ({ request, fields }: PageRequest) =>
    (await attemptSecret(limits, request.ip, () => findConfirmation(db, fields.token ?? ''))).email

  return {
    show: async (page) => form(page, await find(page)),
    async submit(page) {
      const { request, fields, language } = page
      const email = await find(page)
      try {
        identities.invalidate(await confirmEmail(db, mail, fields.token ?? '', request.id))
      } catch (error) {
        if (error instanceof ConflictError) return form(page, email, texts[language].taken)
        throw error
      }
      const { confirmed, confirmFor, toSignIn } = texts[language]
      return { title: confirmed, body: doneHtml(confirmFor(email), toSignIn) }
    },
  }
}

function form({ fields, language }: PageRequest, email: string, problem?: string): HtmlPage {
  const { confirm, confirmFor, confirmButton } = texts[language]
  const intro = [confirmFor(email)]
  const body = formHtml({ token: fields.token ?? '', intro, problem, fields: [], button: confirmButton })
  return { ...(problem !== undefined && { status: 409 }), title: confirm, body }
}
