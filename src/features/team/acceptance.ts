// Accepting an invitation: a new account of that agency alone, or one that is there, and then the membership.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { passwordProblem } from '../../core/auth/password-rules.ts'
import type { Role } from '../../core/auth/permissions.ts'
import { InvitationNotFoundError, invalid, LoginFailedError } from '../../core/errors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { getSettings } from '../agencies/settings.ts'
import { type Account, findAccounts, hashFor, isProven } from './accounts.ts'
import type { Acceptance } from './schema.ts'
import { hashOfSecret, type Proven } from './sessions.ts'
import type { Credentials } from './sign-in.ts'

export interface OpenInvitation {
  readonly agency_id: string
  readonly agency_name: string
  readonly id: string
  readonly email: string
  readonly full_name: string | null
  readonly role: Role
  /** Somebody with this e-mail is or was a member of the agency, which its admins can see. */
  readonly was_member: boolean
}

/** The open invitation with this token, while its inviter may invite. Throws InvitationNotFoundError. */
export async function findInvitation(db: Database, token: string): Promise<OpenInvitation> {
  const invitation = await db.systemRead((tx) =>
    tx.maybe<OpenInvitation>(sql`
      select agency_id, agency_name, id, email, full_name, role, was_member
      from app.open_invitation(${hashOfSecret(token)})`),
  )
  if (invitation === undefined) throw new InvitationNotFoundError()
  return invitation
}

/** Whoever joins, and with which hash when their account is made by it. */
interface Joiner extends Proven {
  readonly full_name: string
  readonly new_hash: string | null
}

/**
 * Makes the accepter a member, once. The inviting admin may have seen the token, so it proves nothing about the address:
 * it makes an account that belongs to this agency alone, and does so whether the address has an account elsewhere or not.
 * An account that is there joins by its own password: that of a member who left, and the proven one if `has_account`.
 * Throws ValidationError, LoginFailedError, and InvitationNotFoundError when the invitation is over by now.
 */
export async function accept(
  db: Database,
  invitation: OpenInvitation,
  given: Acceptance,
  request_id: string,
  signIn: (given: Credentials) => Promise<Account>,
): Promise<Proven> {
  const is_known = invitation.was_member || given.has_account === true
  const joiner = is_known ? await knownJoiner(invitation, given, signIn) : await newJoiner(db, invitation, given)
  const { id, token_generation, full_name, new_hash } = joiner
  const { outcome } = await db.systemTx((tx) =>
    tx.one<{ outcome: 'gone' | 'refused' | 'joined' }>(sql`
      select app.accept_invitation(${hashOfSecret(given.token)}, ${id}, ${token_generation}, ${randomUUIDv7()},
        ${randomUUIDv7()}, ${request_id}, ${full_name}, ${new_hash}) as outcome`),
  )
  if (outcome === 'gone') throw new InvitationNotFoundError()
  if (outcome === 'refused') throw new LoginFailedError()
  return { id, token_generation }
}

async function knownJoiner(
  { agency_id, email }: OpenInvitation,
  { has_account, password }: Acceptance,
  signIn: (given: Credentials) => Promise<Account>,
): Promise<Joiner> {
  const among = (account: Account) =>
    account.member_of.includes(agency_id) || (has_account === true && isProven(account))
  const { id, full_name, token_generation } = await signIn({ email, password, is_proven: true, among })
  return { id, full_name, token_generation, new_hash: null }
}

async function newJoiner(
  db: Database,
  { agency_id, email, full_name }: OpenInvitation,
  given: Acceptance,
): Promise<Joiner> {
  const { name, slug } = await db.tenantRead(operatorOf(agency_id), (tx) => getSettings(tx, undefined))
  const problem = passwordProblem(given.password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw invalid('/password', problem)
  const new_hash = await hashFor(await findAccounts(db, email), given.password)
  return { id: randomUUIDv7(), token_generation: 0, full_name: given.full_name ?? full_name ?? email, new_hash }
}
