// Accepts an invitation: creates or uses an account, and adds the membership.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { operatorOf } from '../../core/auth/actors.ts'
import { findPasswordProblem } from '../../core/auth/password-rules.ts'
import type { Role } from '../../core/auth/permissions.ts'
import { ConflictError, InvitationNotFoundError, invalid, LoginFailedError } from '../../core/errors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { getSettings } from '../agencies/settings.ts'
import { type Account, findAccounts, hashFor, isProven } from './accounts.ts'
import type { Acceptance } from './schema.ts'
import { type AuthenticatedUser, hashOfSecret } from './sessions.ts'
import type { Credentials } from './sign-in.ts'

export interface OpenInvitation {
  readonly agency_id: string
  readonly agency_name: string
  readonly id: string
  readonly email: string
  readonly full_name: string | null
  readonly role: Role
  /** An account with this e-mail is or was a member of the agency, which its admins can see anyway. */
  readonly was_member: boolean
  /** The link was sent to the address, and the address has a proven account. */
  readonly has_account: boolean
  /** The link was sent to the address and shown to nobody else. */
  readonly is_mailed: boolean
}

/** The open invitation with this token, if its inviter still may invite. Throws InvitationNotFoundError. */
export async function findInvitation(db: Database, token: string): Promise<OpenInvitation> {
  const invitation = await db.systemRead((tx) =>
    tx.maybe<OpenInvitation>(sql`
      select agency_id, agency_name, id, email, full_name, role, was_member, has_account, is_mailed
      from app.open_invitation(${hashOfSecret(token)})`),
  )
  if (invitation === undefined) throw new InvitationNotFoundError()
  return invitation
}

/** The account that joins. `new_hash` is set when acceptance creates the account. */
interface JoiningAccount extends AuthenticatedUser {
  readonly full_name: string
  readonly new_hash: string | null
}

/**
 * Makes the accepter a member, once. A token that was sent to the address proves it: a new account is proven, an existing proven
 * one joins. A token that the inviting admin may know proves nothing: the new account belongs to this agency only, whether the
 * address has an account elsewhere or not. An existing account joins with its own password: that of a former member, or with
 * `has_account` the one whose address is proven.
 * Throws ValidationError, LoginFailedError, InvitationNotFoundError when the invitation is no longer open, and ConflictError when
 * an account of the address was created meanwhile.
 */
export async function accept(
  db: Database,
  invitation: OpenInvitation,
  given: Acceptance,
  request_id: string,
  signIn: (given: Credentials) => Promise<Account>,
): Promise<AuthenticatedUser> {
  const is_known = invitation.was_member || invitation.has_account || given.has_account === true
  const joiner = is_known ? await knownJoiner(invitation, given, signIn) : await newJoiner(db, invitation, given)
  const { id, token_generation, full_name, new_hash } = joiner
  const { outcome } = await db.systemTx((tx) =>
    tx.one<{ outcome: 'gone' | 'refused' | 'joined' }>(sql`
      select app.accept_invitation(${hashOfSecret(given.token)}, ${id}, ${token_generation}, ${randomUUIDv7()},
        ${randomUUIDv7()}, ${request_id}, ${full_name}, ${new_hash}) as outcome`),
  )
  if (outcome === 'gone') throw new InvitationNotFoundError()
  if (outcome === 'refused') throw new_hash === null ? new LoginFailedError() : madeMeanwhile()
  return { id, token_generation }
}

/** The password is not wrong: it was to be that of a new account. */
function madeMeanwhile(): Error {
  return new ConflictError({ message: 'The address has an account by now: look the invitation up again.' })
}

async function knownJoiner(
  { agency_id, email, has_account }: OpenInvitation,
  given: Acceptance,
  signIn: (given: Credentials) => Promise<Account>,
): Promise<JoiningAccount> {
  const may_be_proven = has_account || given.has_account === true
  const isEligible = (account: Account) => account.member_of.includes(agency_id) || (may_be_proven && isProven(account))
  const person = await signIn({ email, password: given.password, is_proven: true, isEligible })
  const { id, full_name, token_generation } = person
  return { id, full_name, token_generation, new_hash: null }
}

async function newJoiner(
  db: Database,
  { agency_id, email, full_name }: OpenInvitation,
  given: Acceptance,
): Promise<JoiningAccount> {
  const { name, slug } = await db.tenantRead(operatorOf(agency_id), (tx) => getSettings(tx, undefined))
  const problem = findPasswordProblem(given.password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw invalid('/password', problem)
  const new_hash = await hashFor(await findAccounts(db, email), given.password)
  return { id: randomUUIDv7(), token_generation: 0, full_name: given.full_name ?? full_name ?? email, new_hash }
}
