// Accounts: the accounts of an e-mail address, whether it is proven, and their credentials.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { type HashingOptions, hashPassword, matchPasswords } from '../../core/auth/passwords.ts'
import { canonicalEmail } from '../../core/emails.ts'
import { ConflictError, invalid, LoginFailedError } from '../../core/errors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import type { SystemTx } from '../../core/postgres/transaction.ts'

/** One of the accounts with an e-mail address. At most one is proven; each agency can have an unproven one. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly full_name: string
  readonly is_active: boolean
  readonly password_hash: string | null
  readonly auth_subject: string | null
  readonly token_generation: number
  readonly email_proven_at: string | null
  /** Null when the address is unproven; the account then belongs to `local_agency_id` only. */
  readonly email_proven_by: 'link' | 'operator' | 'identity_provider' | null
  readonly local_agency_id: string | null
  readonly local_agency_slug: string | null
  /** Ids of the agencies of which it is or was a member. */
  readonly member_of: readonly string[]
  readonly active_in: readonly string[]
  /** Slugs of open agencies of which it is an active member. */
  readonly active_slugs: readonly string[]
  /** Whether it has signed in from the given network before. */
  readonly is_known: boolean
}

/** The form in which an address is stored and counted. A text that is no address has no account, but attempts with it are counted. */
export function accountEmail(email: string): string {
  return canonicalEmail(email) ?? email.trim().toLowerCase()
}

/** The canonical form. Throws ValidationError for a malformed address. */
export function requireEmail(email: string): string {
  const canonical = canonicalEmail(email)
  if (canonical === undefined) throw emailError()
  return canonical
}

export function emailError(): Error {
  return invalid('/email', 'must be an e-mail address')
}

/**
 * All accounts with this e-mail address, closed ones included: the proven one first, then by age. For `network_hash` see
 * networkHashOf.
 */
export function findAccounts(db: Database, email: string, network_hash?: Buffer): Promise<Account[]> {
  return db.systemRead((tx) =>
    tx.query<Account>(sql`
      select id, email, full_name, is_active, password_hash, auth_subject, token_generation, email_proven_at,
        email_proven_by, local_agency_id, local_agency_slug, member_of, active_in, active_slugs,
        app.has_signed_in_from(id, ${network_hash ?? null}) as is_known
      from app.accounts_of(${accountEmail(email)})`),
  )
}

export function isProven({ local_agency_id }: Account): boolean {
  return local_agency_id === null
}

/** The first active account with this password. Throws the same LoginFailedError, after equal work, in all other cases. */
export async function authenticateAccount(
  accounts: readonly Account[],
  password: string,
  by: HashingOptions,
): Promise<Account> {
  const open = accounts.filter(({ is_active }) => is_active)
  const [account] = await matchPasswords(open, password, by)
  if (account === undefined) throw new LoginFailedError()
  return account
}

/** A hash with the salt of these accounts, for one of them or for a new account of the address. */
export function hashFor(accounts: readonly Account[], password: string): Promise<string> {
  const like = accounts.find(({ password_hash }) => password_hash !== null)?.password_hash
  return hashPassword(password, like ?? undefined)
}

/** The account to which an operator's command with this e-mail and agency applies; undefined when there is none. */
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

/** Creates an account with a proven address. Returns its id. Throws ConflictError. */
export async function createAccount(tx: SystemTx, { email, full_name, hash, subject }: NewAccount): Promise<string> {
  const made = tx.one<{ id: string }>(sql`
    select app.create_account(${randomUUIDv7()}, ${email}, ${full_name}, ${hash}, ${subject}) as id`)
  const { id } = await onConstraint(made, { users_auth_subject_key: subjectTaken, users_proven_email_key: emailTaken })
  return id
}

/** Marks the address as proven by the operator. Throws ConflictError when another account of the address is proven. */
export async function proveAccount(tx: SystemTx, id: string): Promise<void> {
  await onConstraint(tx.query(sql`select app.prove_account(${id})`), { users_proven_email_key: emailTaken })
}

/** Links the account to the identity provider: proves the address, removes the password, ends all sessions. Throws ConflictError. */
export async function setSubject(tx: SystemTx, id: string, subject: string): Promise<void> {
  await onConstraint(tx.query(sql`select app.set_subject(${id}, ${subject})`), {
    users_auth_subject_key: subjectTaken,
    users_proven_email_key: emailTaken,
  })
  await endSessions(tx, id)
}

/** Sets the password and ends all sessions and tokens. */
export async function resetPassword(tx: SystemTx, id: string, hash: string): Promise<void> {
  await tx.query(sql`select app.set_password(${id}, ${hash})`)
  await endSessions(tx, id)
}

async function endSessions(tx: SystemTx, id: string): Promise<void> {
  await tx.query(sql`select app.end_all_sessions(${id}, 'password')`)
}

function subjectTaken(): Error {
  return new ConflictError({ message: 'Another account is linked to this subject of the identity provider.' })
}

function emailTaken(): Error {
  return new ConflictError({ message: 'Another account with this e-mail address is already proven.' })
}
