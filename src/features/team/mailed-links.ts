// The e-mails with a link, each with the check that its link is still valid when it is sent.
import { InvitationNotFoundError, LinkNotFoundError } from '../../core/errors.ts'
import type { MailTemplates } from '../../core/mail/template.ts'
import type { Database } from '../../core/postgres/database.ts'
import { findInvitation } from './acceptance.ts'
import { accountMails } from './mails.ts'
import { findConfirmation } from './own-account.ts'
import { findReset } from './password-resets.ts'

type FindLink = (db: Database, token: string) => Promise<unknown>

const isFoundBy = (find: FindLink) => async (db: Database, token: string) => {
  try {
    await find(db, token)
    return true
  } catch (error) {
    if (error instanceof InvitationNotFoundError || error instanceof LinkNotFoundError) return false
    throw error
  }
}

const { invitation, password_reset, email_confirmation, ...notices } = accountMails

export const checkedMails: MailTemplates = {
  ...notices,
  invitation: { ...invitation, isLinkValid: isFoundBy(findInvitation) },
  password_reset: { ...password_reset, isLinkValid: isFoundBy(findReset) },
  email_confirmation: { ...email_confirmation, isLinkValid: isFoundBy(findConfirmation) },
}
