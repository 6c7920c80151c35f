// Accounts: who has an e-mail address, whether it was proven, and what lets them in.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { type HashingFor, hashPassword, matchPasswords } from '../../core/auth/passwords.ts'
import { ConflictError, invalid, LoginFailedError } from '../../core/errors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import type { SystemTx } from '../../core/postgres/transaction.ts'

/** One of the accounts with an e-mail address: at most one is proven, and each agency may have an unproven one. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly full_name: string
  readonly is_active: boolean
  readonly password_hash: string | null
  readonly auth_subject: string | null
  readonly token_generation: number
  readonly email_proven_at: string | null
  /** Null: the address was never proven, and the account belongs to `local_agency_id` alone. */
  readonly email_proven_by: 'link' | 'operator' | 'identity_provider' | null
  readonly local_agency_id: string | null
  readonly local_agency_slug: string | null
  /** Agencies it is or was a member of. */
  readonly member_of: readonly string[]
  readonly active_in: readonly string[]
  /** Of living agencies it is an active member of. */
  readonly active_slugs: readonly string[]
  /** Whether it was signed in to from the network asked about before. */
  readonly is_known: boolean
}

/** How an e-mail is stored and counted: every spelling that finds the same person is the same account. */
export function accountOf(email: string): string {
  return email.trim().toLowerCase()
}

/** As accountOf. Throws ValidationError for what is no e-mail. */
export function requireEmail(email: string): string {
  const account = accountOf(email)
  if (!/^[^@\s]+@[^@\s]+$/.test(account) || account.length > 254) throw notAnEmail()
  return account
}

export function notAnEmail(): Error {
  return invalid('/email', 'must be an e-mail address')
}

/**
 * Every account with this e-mail address, closed ones as well: the proven one first, then the oldest. `network_hash`: see
 * networkHashOf.
 */
export function findAccounts(db: Database, email: string, network_hash?: Buffer): Promise<Account[]> {
  return db.systemRead((tx) =>
    tx.query<Account>(sql`
      select id, email, full_name, is_active, password_hash, auth_subject, token_generation, email_proven_at,
        email_proven_by, local_agency_id, local_agency_slug, member_of, active_in, active_slugs,
        app.has_signed_in_from(id, ${network_hash ?? null}) as is_known
      from app.accounts_of(${accountOf(email)})`),
  )
}

export function isProven({ local_agency_id }: Account): boolean {
  return local_agency_id === null
}

/** The first of the open accounts that has this password. Unknown, closed or wrong: the same LoginFailedError after the same work. */
export async function passwordOf(accounts: readonly Account[], password: string, by: HashingFor): Promise<Account> {
  const open = accounts.filter(({ is_active }) => is_active)
  const [account] = await matchPasswords(open, password, by)
  if (account === undefined) throw new LoginFailedError()
  return account
}

/** A hash for one of these accounts, or for a new one with the same e-mail. */
export function hashFor(accounts: readonly Account[], password: string): Promise<string> {
  const like = accounts.find(({ password_hash }) => password_hash !== null)?.password_hash
  return hashPassword(password, like ?? undefined)
}

/** The account that the operator means by an e-mail and an agency; undefined when a new one has to be made. */
export function accountFor(accounts: readonly Account[], agency_id: string): Account | undefined {
  return (
    accounts.find(({ active_in }) => active_in.includes(agency_id)) ??
    accounts.find(isProven) ??
    accounts.find(({ member_of }) => member_of.includes(agency_id))
  )
}

export interface NewAccount {
  readonly email: string
  readonly full_name: string
  readonly hash: string | null
  readonly subject: string | null
}

/** A new account, proven by the operator. Returns its id. */
export async function createAccount(tx: SystemTx, { email, full_name, hash, subject }: NewAccount): Promise<string> {
  const made = tx.one<{ id: string }>(sql`
    select app.create_account(${randomUUIDv7()}, ${email}, ${full_name}, ${hash}, ${subject}) as id`)
  const { id } = await onConstraint(made, { users_auth_subject_key: subjectTaken, users_proven_email_key: emailTaken })
  return id
}

/** Marks the address as proven by the operator. Throws ConflictError when another account of it is proven. */
export async function proveAccount(tx: SystemTx, id: string): Promise<void> {
  await onConstraint(tx.query(sql`select app.prove_account(${id})`), { users_proven_email_key: emailTaken })
}

/** Ties the account to the identity provider: it is proven, its password goes, sessions and tokens end. Throws ConflictError. */
export async function setSubject(tx: SystemTx, id: string, subject: string): Promise<void> {
  await onConstraint(tx.query(sql`select app.set_subject(${id}, ${subject})`), {
    users_auth_subject_key: subjectTaken,
    users_proven_email_key: emailTaken,
  })
  await endSessions(tx, id)
}

/** Sets the password; sessions and tokens end. */
export async function resetPassword(tx: SystemTx, id: string, hash: string): Promise<void> {
  await tx.query(sql`select app.set_password(${id}, ${hash})`)
  await endSessions(tx, id)
}

async function endSessions(tx: SystemTx, id: string): Promise<void> {
  await tx.query(sql`select app.end_all_sessions(${id}, 'password')`)
}

function subjectTaken(): Error {
  return new ConflictError({ message: 'Another account is tied to this subject of the identity provider.' })
}

function emailTaken(): Error {
  return new ConflictError({ message: 'Another account is the proven one of this e-mail address.' })
}
