// Lost passwords: a link to the address, used once within an hour, sets a new one.
import sql from 'sql-template-tag'
import { findPasswordProblem } from '../../core/auth/password-rules.ts'
import { ConflictError, invalid, LinkNotFoundError, MemberNotFoundError, RateLimitedError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { deleteInBatches } from '../../core/jobs/in-batches.ts'
import type { Mail } from '../../core/mail/mail.ts'
import { queueMail, tryQueueMail } from '../../core/mail/outbox.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { SystemTx, Tx } from '../../core/postgres/transaction.ts'
import { auditAccount } from './account-audit.ts'
import type { MemberReset, ResetAcceptance } from './account-schema.ts'
import { type Account, findAccounts, hashFor, requireEmail } from './accounts.ts'
import { lifetimes, pagePaths } from './mails.ts'
import { hashOfSecret, newSecret } from './sessions.ts'

/**
 * Adds a link and its e-mail, at most five in an hour for an address. Reads no account, so that the work is the same for every
 * address: the worker does not send the message when the address has no account. Throws ValidationError.
 */
export async function requestReset(db: Database, mail: Mail, email: string): Promise<void> {
  const to = requireEmail(email)
  const token = newSecret()
  await db.systemTx(async (tx) => {
    if (await addToken(tx, to, token)) await tryQueueMail(tx, mail, resetMail(to, token))
  })
}

/** A link for the operator, who hands it over. Undefined after five links in an hour. */
export async function createResetLink(db: Database, mail: Mail, email: string): Promise<string | undefined> {
  const token = newSecret()
  const is_added = await db.systemTx((tx) => addToken(tx, email, token))
  return is_added ? mail.linkTo(pagePaths.password, token) : undefined
}

async function addToken(tx: SystemTx, email: string, token: string): Promise<boolean> {
  const { is_added } = await tx.one<{ is_added: boolean }>(sql`
    select coalesce(app.add_password_token(${hashOfSecret(token)}, ${email}), false) as is_added`)
  return is_added
}

const resetMail = (to: string, token: string) =>
  ({ kind: 'password_reset', to, token, for_account: true, lifetime_s: lifetimes.link }) as const

/**
 * A link for a member. With a mail server it goes to the member's address only. Without one the admin gets it when the account
 * belongs to this agency alone, and the operator otherwise: the admin must not gain access to an account that can join other
 * agencies. The answer does not depend on other agencies. Throws MemberNotFoundError, ConflictError, RateLimitedError.
 */
export async function createMemberReset(tx: Tx, mail: Mail, member_id: string): Promise<MemberReset> {
  const token = newSecret()
  const { outcome, email, version } = await tx.one<{ outcome: string; email: string; version: number }>(sql`
    select outcome, email, version from app.add_member_token(${member_id}, ${hashOfSecret(token)}, ${!mail.is_sent})`)
  if (outcome === 'none') throw new MemberNotFoundError()
  if (outcome === 'no_password')
    throw new ConflictError({ message: 'The member signs in without a password of Roost.' })
  if (outcome === 'limited') throw new RateLimitedError({ headers: { 'retry-after': '3600' } })
  const delivery = outcome === 'shown' ? 'link' : mail.is_sent ? 'mail' : 'operator'
  if (outcome === 'sent') await queueMail(tx, mail, resetMail(email, token))
  const member = { entity_type: 'team_member', entity_id: member_id, version }
  recordAudit(tx, { ...member, action: 'member.password_reset_requested', after: { delivery } })
  const expires_at = new Date(Date.now() + lifetimes.link * 1000).toISOString()
  if (delivery !== 'link') return { delivery, expires_at }
  return { delivery, expires_at, token, link: mail.linkTo(pagePaths.password, token) }
}

export interface OpenReset {
  readonly email: string
  /** The only account that gets the password; null for all accounts of the address. */
  readonly user_id: string | null
}

/** The open link with this token. Throws LinkNotFoundError. */
export async function findReset(db: Database, token: string): Promise<OpenReset> {
  const found = await db.systemRead((tx) =>
    tx.maybe<OpenReset>(sql`select email, user_id from app.open_account_token(${hashOfSecret(token)}, 'password')`),
  )
  if (found === undefined) throw new LinkNotFoundError()
  return found
}

/**
 * Sets the password, ends all sessions, and uses the link up. Returns the ids of the accounts. Throws LinkNotFoundError, and
 * ValidationError for a password that the rules refuse: the link can then be used again.
 */
export async function acceptReset(
  db: Database,
  mail: Mail,
  { token, password }: ResetAcceptance,
  request_id: string,
): Promise<readonly string[]> {
  const { email } = await findReset(db, token)
  const accounts = await findAccounts(db, email)
  const agencies = await agencyNamesOf(db, accounts)
  const problem = findPasswordProblem(password, { email, agencies })
  if (problem !== undefined) throw invalid('/password', problem)
  const new_hash = await hashFor(accounts, password)
  const changed = await db.systemTx(async (tx) => {
    const found = await tx.query<{ user_id: string }>(sql`
      select user_id from app.reset_password(${hashOfSecret(token)}, ${new_hash})`)
    for (const { user_id: id } of found) await auditAccount(tx, { id, request_id }, 'member.password_reset')
    if (found.length > 0)
      await tryQueueMail(tx, mail, { kind: 'password_changed', to: email, lifetime_s: lifetimes.notice })
    return found.map(({ user_id }) => user_id)
  })
  if (changed.length === 0) throw new LinkNotFoundError()
  return changed
}

/** Names and slugs of the agencies of the accounts, which a password must not contain. */
function agencyNamesOf(db: Database, accounts: readonly Account[]): Promise<string[]> {
  return db.systemRead(async (tx) => {
    const found = accounts.map(({ id }) =>
      tx.query<{ agency_name: string | null; agency_slug: string | null }>(sql`
        select agency_name, agency_slug from app.memberships_of(${id}, ${null})`),
    )
    const rows = (await Promise.all(found)).flat()
    return rows.flatMap(({ agency_name, agency_slug }) => [agency_name, agency_slug]).filter((name) => name !== null)
  })
}

/** Deletes expired links. Returns how many. */
export function purgeLinks(db: Database, signal?: AbortSignal): Promise<number> {
  const deleteBatch = (size: number) =>
    db.systemTx((tx) => tx.one<{ deleted: number }>(sql`select app.purge_account_tokens(${size}) as deleted`))
  return deleteInBatches(async (size) => (await deleteBatch(size)).deleted, signal)
}
