// A person's own account: name, language, and the e-mail address, which is confirmed by a link to the new one.
import sql from 'sql-template-tag'
import { ConflictError, LinkNotFoundError, RateLimitedError } from '../../core/errors.ts'
import type { Mail } from '../../core/mail/mail.ts'
import { queueMail, tryQueueMail } from '../../core/mail/outbox.ts'
import type { Language } from '../../core/mail/template.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { SystemTx } from '../../core/postgres/transaction.ts'
import { auditAccount } from './account-audit.ts'
import { lifetimes } from './mails.ts'
import { hashOfSecret, newSecret } from './sessions.ts'

export interface Profile {
  readonly language: Language | null
  /** An address that is not confirmed yet. */
  readonly pending_email: string | null
}

export function getProfile(db: Database, user_id: string): Promise<Profile> {
  return db.systemRead((tx) => profileOf(tx, user_id))
}

function profileOf(tx: SystemTx, user_id: string): Promise<Profile> {
  return tx.one<Profile>(sql`select language, pending_email from app.profile_of(${user_id})`)
}

export interface ProfileChange {
  readonly full_name?: string | undefined
  readonly language?: Language | undefined
  /** The new address. The caller has checked the password. */
  readonly email?: string | undefined
}

/** Changes name and language, and sends a link to a new address. Throws RateLimitedError after five links in an hour. */
export async function changeProfile(
  db: Database,
  mail: Mail,
  person: { readonly id: string; readonly request_id: string },
  { full_name, language, email }: ProfileChange,
): Promise<void> {
  const fields = [full_name !== undefined && 'full_name', language !== undefined && 'language'].filter(Boolean)
  await db.systemTx(async (tx) => {
    if (fields.length > 0) {
      const { has_changed } = await tx.one<{ has_changed: boolean | null }>(sql`
        select app.update_profile(${person.id}, ${full_name ?? null}, ${language ?? null}) as has_changed`)
      if (has_changed) await auditAccount(tx, person, 'member.profile_changed', { fields })
    }
    if (email !== undefined) await sendConfirmation(tx, mail, person.id, email)
  })
}

async function sendConfirmation(tx: SystemTx, mail: Mail, user_id: string, to: string): Promise<void> {
  const token = newSecret()
  const { is_added } = await tx.one<{ is_added: boolean }>(sql`
    select app.add_email_token(${hashOfSecret(token)}, ${user_id}, ${to}) as is_added`)
  if (!is_added) throw new RateLimitedError({ headers: { 'retry-after': '3600' } })
  const { language } = await profileOf(tx, user_id)
  await queueMail(tx, mail, { kind: 'email_confirmation', to, token, language, lifetime_s: lifetimes.link })
}

/** The new address of the open link. Throws LinkNotFoundError. */
export async function findConfirmation(db: Database, token: string): Promise<{ readonly email: string }> {
  const found = await db.systemRead((tx) =>
    tx.maybe<{ email: string }>(sql`select email from app.open_account_token(${hashOfSecret(token)}, 'email')`),
  )
  if (found === undefined) throw new LinkNotFoundError()
  return found
}

interface Confirmed {
  readonly outcome: 'gone' | 'taken' | 'changed'
  readonly user_id: string
  readonly old_email: string
}

/**
 * Changes the address to that of the link, and tells the old address. Returns the id of the person. Throws LinkNotFoundError, and
 * ConflictError when another account has the address.
 */
export async function confirmEmail(db: Database, mail: Mail, token: string, request_id: string): Promise<string> {
  const { email: new_email } = await findConfirmation(db, token)
  const { outcome, user_id } = await db.systemTx(async (tx) => {
    const confirmed = await tx.one<Confirmed>(sql`
      select outcome, user_id, old_email from app.confirm_email(${hashOfSecret(token)})`)
    if (confirmed.outcome !== 'changed') return confirmed
    const { user_id: id, old_email: to } = confirmed
    await auditAccount(tx, { id, request_id }, 'member.email_changed')
    const { language } = await profileOf(tx, id)
    await tryQueueMail(tx, mail, {
      kind: 'email_changed',
      to,
      params: { new_email },
      language,
      lifetime_s: lifetimes.notice,
    })
    return confirmed
  })
  if (outcome === 'gone') throw new LinkNotFoundError()
  if (outcome === 'taken') throw new ConflictError({ message: 'Another account has this e-mail address.' })
  return user_id
}
