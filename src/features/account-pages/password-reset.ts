// The page of a link for a new password; without a link, the form that requests one.
import { max_written_characters } from '../../core/auth/password-rules.ts'
import { ValidationError } from '../../core/errors.ts'
import type { ApiDeps } from '../../http/api.ts'
import type { HtmlPage, PageHandlers, PageRequest } from '../../http/pages.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { acceptReset, findReset, requestReset } from '../team/password-resets.ts'
import { doneHtml, formHtml, paragraph } from './forms.ts'
import { texts } from './texts.ts'

export function passwordResetPage({ db, identities, limits, mail }: ApiDeps): PageHandlers {
  const find = async ({ request, fields }: PageRequest) =>
    (await attemptSecret(limits, request.ip, () => findReset(db, fields.token ?? ''))).email

  async function requestLink(page: PageRequest): Promise<HtmlPage> {
    const { request, fields, language } = page
    const { requested, requestedFor, badEmail } = texts[language]
    if (!mail.is_sent) return requestForm(page)
    await limits.passwordReset(request.ip)
    try {
      await requestReset(db, mail, fields.email ?? '')
    } catch (error) {
      if (error instanceof ValidationError) return requestForm(page, badEmail)
      throw error
    }
    return { title: requested, body: paragraph(requestedFor) }
  }

  /** Without a mail server no link would arrive, for no address. */
  function requestForm(page: PageRequest, problem?: string): HtmlPage {
    const { forgotten, notSent, askAdmin } = texts[page.language]
    if (mail.is_sent) return emailForm(page, problem)
    return { title: forgotten, body: [notSent, askAdmin].map((text) => paragraph(text)).join('\n') }
  }

  return {
    show: async (page) => (page.fields.token === undefined ? requestForm(page) : form(page, await find(page))),
    async submit(page) {
      const { request, fields, language } = page
      if (fields.token === undefined) return requestLink(page)
      const { different, badPassword, resetDone, signInWith, toSignIn } = texts[language]
      const email = await find(page)
      const { token = '', password = '', again } = fields
      if (password !== again) return form(page, email, different)
      if (password.length > max_written_characters) return form(page, email, badPassword)
      try {
        const changed = await acceptReset(db, mail, { token, password }, request.id)
        for (const id of changed) identities.invalidate(id)
      } catch (error) {
        if (error instanceof ValidationError) return form(page, email, badPassword)
        throw error
      }
      return { title: resetDone, body: doneHtml(signInWith(email), toSignIn) }
    },
  }
}

function emailForm({ fields, language }: PageRequest, problem?: string): HtmlPage {
  const { forgotten, forgottenIntro, email: label, send } = texts[language]
  const field = { name: 'email', label, type: 'email', autocomplete: 'username', value: fields.email ?? '' } as const
  const body = formHtml({ intro: [forgottenIntro], problem, fields: [field], button: send })
  return { ...(problem !== undefined && { status: 422 }), title: forgotten, body }
}

function form({ fields, language }: PageRequest, email: string, problem?: string): HtmlPage {
  const text = texts[language]
  const secret = { type: 'password', autocomplete: 'new-password' } as const
  const body = formHtml({
    token: fields.token ?? '',
    intro: [text.resetFor(email)],
    problem,
    email: { label: text.email, value: email },
    fields: [
      { ...secret, name: 'password', label: text.newPassword, hint: text.newPasswordRule },
      { ...secret, name: 'again', label: text.again },
    ],
    button: text.save,
  })
  return { ...(problem !== undefined && { status: 422 }), title: text.reset, body }
}
