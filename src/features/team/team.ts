// Members that the operator adds, and accounts that the operator proves.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import type { Role } from '../../core/auth/permissions.ts'
import { ConflictError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import type { Database } from '../../core/postgres/database.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import type { SystemTx } from '../../core/postgres/transaction.ts'
import { requireLine } from '../../core/text.ts'
import {
  type Account,
  accountFor,
  createAccount,
  findAccounts,
  hashFor,
  isProven,
  proveAccount,
  requireEmail,
  resetPassword,
  setSubject,
} from './accounts.ts'
import { revokeInvitationsOf } from './invitations.ts'

export interface NewMember {
  readonly email: string
  readonly role: Role
  readonly full_name?: string | undefined
  /** In plain text; for a new account, for one without a password, or with `reset_password`. */
  readonly password?: string | undefined
  /** Replaces the password of an existing account: sessions and tokens end, and the address counts as proven. */
  readonly reset_password?: boolean | undefined
  /** The `sub` of an outside identity provider; the account then has no password. */
  readonly subject?: string | undefined
}

export interface AddedMember {
  readonly user_id: string
  readonly email: string
  readonly role: Role
  readonly is_active: boolean
  /** False when the member had this role already, and the account was not changed. */
  readonly has_changed: boolean
  /** The account before; undefined when it was created. */
  readonly before: Account | undefined
  /** Other accounts of the same address; they are not changed. */
  readonly others: readonly Account[]
}

/**
 * Adds a member to the actor's agency, or changes an existing membership. Creates the account, proven by the operator, if
 * needed; an unproven account of another agency is not used. Throws ValidationError, and ConflictError with advice when
 * the account contradicts `input`.
 */
export async function addMember(db: Database, actor: Actor, input: NewMember): Promise<AddedMember> {
  const email = requireEmail(input.email)
  const full_name = input.full_name === undefined ? email : requireLine(input.full_name, '/full_name', 200)
  if (input.subject !== undefined && input.password !== undefined) {
    throw new ConflictError({ message: 'An account of the identity provider cannot have a password.' })
  }
  const accounts = await findAccounts(db, email)
  const before = accountFor(accounts, actor.agency_id)
  const others = accounts.filter((one) => one !== before)
  if (before !== undefined) refuseContradiction(before, actor.agency_id, input)
  const hash = input.password === undefined ? null : await hashFor(accounts, input.password)
  const user_id = await db.systemTx(async (tx) => {
    if (before !== undefined) return amend(tx, before, input, hash)
    return createAccount(tx, { email, full_name, hash, subject: input.subject ?? null })
  })
  const { has_changed, ...member } = await giveRole(db, actor, user_id, input.role)
  const is_amended = before !== undefined && amends(before, input, hash)
  return { ...member, has_changed: has_changed || before === undefined || is_amended, email, before, others }
}

/** Refuses input that would otherwise be ignored. */
function refuseContradiction(account: Account, agency_id: string, input: NewMember): void {
  const { email, auth_subject, password_hash, local_agency_id, local_agency_slug } = account
  if (input.subject !== undefined && auth_subject !== null && auth_subject !== input.subject) {
    throw new ConflictError({ message: `${email} is already linked to another subject of the identity provider.` })
  }
  if (auth_subject !== null && (input.password !== undefined || input.reset_password === true)) {
    throw new ConflictError({ message: `${email} signs in through the identity provider and cannot have a password.` })
  }
  if (password_hash !== null && input.password !== undefined && input.reset_password !== true) {
    const message = `${email} has an account with a password: omit --password to keep it, or add --reset-password, which ends all sessions.`
    throw new ConflictError({ message })
  }
  if (input.full_name !== undefined && requireLine(input.full_name, '/full_name', 200) !== account.full_name) {
    throw new ConflictError({
      message: `${email} has an account with the name ${account.full_name}: omit --name. People change their own name.`,
    })
  }
  const proves = input.reset_password === true || input.subject !== undefined
  if (local_agency_id !== null && local_agency_id !== agency_id && !proves) {
    const message =
      `${email} has an account that was created by an invitation of ${local_agency_slug} and was never proven. ` +
      `Either --reset-password (a new password, all sessions end), or \`roost member prove --email ${email}\` ` +
      'after checking that it belongs to this person: it then keeps its password.'
    throw new ConflictError({ message })
  }
}

function amends({ auth_subject, local_agency_id }: Account, input: NewMember, hash: string | null): boolean {
  const sets_subject = input.subject !== undefined && auth_subject === null
  return hash !== null || sets_subject || (input.reset_password === true && local_agency_id !== null)
}

async function amend(tx: SystemTx, account: Account, input: NewMember, hash: string | null): Promise<string> {
  const { id, auth_subject } = account
  const sets_subject = input.subject !== undefined && auth_subject === null
  if (input.reset_password === true && !isProven(account)) await proveAccount(tx, id)
  if (sets_subject && input.subject !== undefined) await setSubject(tx, id, input.subject)
  else if (hash !== null) await resetPassword(tx, id, hash)
  return id
}

async function giveRole(
  db: Database,
  actor: Actor,
  user_id: string,
  role: Role,
): Promise<Pick<AddedMember, 'user_id' | 'role' | 'is_active' | 'has_changed'>> {
  return db.tenantTx(actor, async (tx) => {
    const present = await tx.maybe<Pick<AddedMember, 'user_id' | 'role' | 'is_active'>>(sql`
      select m.user_id, m.role, m.is_active from team_members m
      where m.agency_id = ${tx.agency_id} and m.user_id = ${user_id} for no key update of m`)
    if (present?.is_active && present.role === role) return { ...present, has_changed: false }
    const insert = tx.one<Pick<AddedMember, 'user_id' | 'role' | 'is_active'> & { version: number }>(sql`
      insert into team_members as m (agency_id, id, user_id, role)
      values (${tx.agency_id}, ${randomUUIDv7()}, ${user_id}, ${role})
      on conflict (agency_id, user_id) do update set role = excluded.role, is_active = true
      returning m.user_id, m.role, m.is_active, m.version`)
    const { version, ...member } = await onConstraint(insert, { team_members_local_account: foreignLocalAccount })
    if (member.role !== 'admin') await revokeInvitationsOf(tx, user_id)
    const after = { role: member.role, is_active: member.is_active }
    recordAudit(tx, { action: 'member.added', entity_type: 'team_member', entity_id: user_id, version, after })
    return { ...member, has_changed: true }
  })
}

function foreignLocalAccount(): Error {
  return new ConflictError({ message: 'The account belongs to another agency and is not proven.' })
}

/**
 * Marks the one unproven account of an e-mail, in the agency with this id if given, as proven by the operator, with an
 * entry in the agency's audit log. Throws ConflictError when there is none, more than one, or a proven one already.
 */
export async function proveMember(
  db: Database,
  input: { readonly email: string; readonly agency_id?: string | undefined; readonly password?: string | undefined },
): Promise<Account> {
  const accounts = await findAccounts(db, requireEmail(input.email))
  if (accounts.some(isProven)) {
    throw new ConflictError({ message: `${input.email} already has a proven account: use roost member add.` })
  }
  const found = accounts.filter(({ local_agency_id }) => [undefined, local_agency_id].includes(input.agency_id))
  const [account, second] = found
  if (account === undefined)
    throw new ConflictError({ message: `${input.email} has no account: use roost member add.` })
  if (second !== undefined) {
    const slugs = found.map(({ local_agency_slug }) => local_agency_slug).join(', ')
    throw new ConflictError({ message: `${input.email} has an account in each of ${slugs}: choose one with --agency.` })
  }
  const hash = input.password === undefined ? null : await hashFor(accounts, input.password)
  await db.systemTx(async (tx) => {
    await proveAccount(tx, account.id)
    if (hash !== null) await resetPassword(tx, account.id, hash)
  })
  if (account.local_agency_id !== null) {
    await db.tenantTx(operatorOf(account.local_agency_id), async (tx) => {
      const after = { email_proven_by: 'operator', keeps_password: hash === null }
      recordAudit(tx, { action: 'member.address_proven', entity_type: 'team_member', entity_id: account.id, after })
    })
  }
  return account
}
