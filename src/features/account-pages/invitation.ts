// The page of an invitation: who invites as what, and the form that accepts.
import { max_written_characters } from '../../core/auth/password-rules.ts'
import { ConflictError, LoginFailedError, ValidationError } from '../../core/errors.ts'
import { cleanLine, repairLine } from '../../core/text.ts'
import type { ApiDeps } from '../../http/api.ts'
import type { HtmlPage, PageHandlers, PageRequest } from '../../http/pages.ts'
import { attemptSecret } from '../../http/rate-limits.ts'
import { accept, findInvitation, type OpenInvitation } from '../team/acceptance.ts'
import { pagePaths, roleNames } from '../team/mails.ts'
import { signIn } from '../team/sign-in.ts'
import { detailsHtml, doneHtml, formHtml, linkHtml } from './forms.ts'
import { texts } from './texts.ts'

export function invitationPage(deps: ApiDeps): PageHandlers {
  const { db, identities, limits } = deps

  const find = ({ request, fields }: PageRequest) =>
    attemptSecret(limits, request.ip, () => findInvitation(db, fields.token ?? ''))

  return {
    show: async (page) => form(page, await find(page)),
    async submit(page) {
      const { request, fields, language } = page
      const invitation = await find(page)
      const problem = problemIn(page, invitation)
      if (problem !== undefined) return form(page, invitation, problem)
      const { token = '', password = '' } = fields
      const full_name = repairLine(fields.full_name ?? '')
      const given = { token, password, ...(full_name && { full_name }), has_account: fields.has_account === 'yes' }
      try {
        const person = await accept(db, invitation, given, request.id, (own) => signIn(deps, request, own))
        identities.invalidate(person.id)
      } catch (error) {
        const { wrongPassword, badPassword } = texts[language]
        if (error instanceof LoginFailedError) return form(page, invitation, wrongPassword)
        if (error instanceof ConflictError) return form(page, await find(page))
        if (error instanceof ValidationError) return form(page, invitation, badPassword)
        throw error
      }
      const { joined, signInWith, toSignIn } = texts[language]
      return { title: joined(invitation.agency_name), body: doneHtml(signInWith(invitation.email), toSignIn) }
    },
  }
}

/** Whether the page asks for a present password instead of a new one. */
const isKnown = ({ was_member, has_account }: OpenInvitation) => was_member || has_account

function problemIn({ fields, language }: PageRequest, invitation: OpenInvitation): string | undefined {
  const { badName, badPassword, different } = texts[language]
  const { full_name = '', password = '', again = '', has_account } = fields
  if (password === '' || password.length > max_written_characters) return badPassword
  if (isKnown(invitation) || has_account === 'yes') return undefined
  const name = cleanLine(full_name)
  if ('problem' in name || name.text === '' || name.text.length > 200) return badName
  return password === again ? undefined : different
}

function form(page: PageRequest, invitation: OpenInvitation, problem?: string): HtmlPage {
  const { fields, language } = page
  const text = texts[language]
  const intro = [text.invited(invitation.agency_name, roleNames[language][invitation.role])]
  const wants_known = fields.has_account === 'yes'
  const body = isKnown(invitation)
    ? knownForm(page, invitation, [...intro, text.knownPassword], problem)
    : newForm(page, invitation, intro, wants_known ? undefined : problem)
  // Only the owner of the address has a link that was sent to it, and without a proven account there is none to join with.
  const other =
    isKnown(invitation) || invitation.is_mailed
      ? ''
      : detailsHtml(text.hasAccount, knownForm(page, invitation, [], wants_known ? problem : undefined), wants_known)
  return { ...(problem !== undefined && { status: 422 }), title: text.invitation, body: `${body}\n${other}` }
}

function knownForm(
  { fields, language }: PageRequest,
  { email, has_account, was_member }: OpenInvitation,
  intro: readonly string[],
  problem: string | undefined,
): string {
  const text = texts[language]
  const known = formHtml({
    token: fields.token ?? '',
    intro,
    problem,
    email: { label: text.email, value: email },
    hidden: has_account || was_member ? {} : { has_account: 'yes' },
    fields: [{ name: 'password', label: text.password, type: 'password', autocomplete: 'current-password' }],
    button: text.accept,
  })
  // Relative, for a service below a path.
  return `${known}\n${linkHtml(pagePaths.password.slice(1), text.forgotten)}`
}

function newForm(
  { fields, language }: PageRequest,
  { email, full_name }: OpenInvitation,
  intro: readonly string[],
  problem: string | undefined,
): string {
  const text = texts[language]
  const secret = { type: 'password', autocomplete: 'new-password' } as const
  const name = fields.full_name ?? full_name ?? ''
  return formHtml({
    token: fields.token ?? '',
    intro,
    problem,
    email: { label: text.email, value: email },
    fields: [
      { name: 'full_name', label: text.name, type: 'text', autocomplete: 'name', value: name },
      { ...secret, name: 'password', label: text.newPassword, hint: text.newPasswordRule },
      { ...secret, name: 'again', label: text.again },
    ],
    button: text.accept,
  })
}
