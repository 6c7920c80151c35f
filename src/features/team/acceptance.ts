// Accepting an invitation: a new account or the proof of one that is there, then the membership.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { recordAudit } from '../../core/audit.ts'
import type { Role } from '../../core/auth.ts'
import type { Database } from '../../core/database.ts'
import { ConflictError, InvitationNotFoundError, invalid, LoginFailedError } from '../../core/errors.ts'
import { passwordProblem } from '../../core/password-rules.ts'
import { hashPassword } from '../../core/passwords.ts'
import type { Tx } from '../../core/transaction.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { getSettings } from '../agencies/settings.ts'
import type { Acceptance } from './schema.ts'
import { hashOfSecret, type Proven } from './sessions.ts'

export interface OpenInvitation {
  readonly agency_id: string
  readonly agency_name: string
  readonly id: string
  readonly email: string
  readonly full_name: string | null
  readonly role: Role
  /** The account with this e-mail; null when there is none yet. */
  readonly user_id: string | null
  readonly user_is_active: boolean | null
  readonly user_has_password: boolean | null
}

/** The open invitation with this token. Throws InvitationNotFoundError. */
export async function findInvitation(db: Database, token: string): Promise<OpenInvitation> {
  const invitation = await db.systemTx((tx) =>
    tx.maybe<OpenInvitation>(sql`
      select agency_id, agency_name, id, email, full_name, role, user_id, user_is_active, user_has_password
      from app.find_invitation(${hashOfSecret(token)})`),
  )
  if (invitation === undefined) throw new InvitationNotFoundError()
  return invitation
}

/**
 * The person who accepts. A new e-mail gets an account with this password. An account that is there must be proven with
 * its own password: otherwise an agency could invite somebody's e-mail, choose a password for it, and sign in as them
 * elsewhere. Throws ValidationError, LoginFailedError, and ConflictError for an account without a password.
 */
export async function provePerson(
  db: Database,
  invitation: OpenInvitation,
  given: Acceptance,
  signIn: (account: { email: string; password: string; is_proven: true }) => Promise<Proven>,
): Promise<Proven> {
  const { email, user_id, user_is_active, user_has_password } = invitation
  if (user_id === null) return makePerson(db, invitation, given)
  if (user_is_active && !user_has_password) throw passwordless()
  return signIn({ email, password: given.password, is_proven: true })
}

async function makePerson(db: Database, invitation: OpenInvitation, given: Acceptance): Promise<Proven> {
  const { email, full_name, agency_id } = invitation
  const { name, slug } = await db.tenantRead(operatorOf(agency_id), (tx) => getSettings(tx, undefined))
  const problem = passwordProblem(given.password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw invalid('/password', problem)
  const hash = await hashPassword(given.password)
  const new_id = randomUUIDv7()
  return db.systemTx(async (tx) => {
    const { id } = await tx.one<{ id: string }>(sql`
      select app.ensure_user(${new_id}, ${email}, ${given.full_name ?? full_name ?? email}, ${hash}, null) as id`)
    // Somebody else has just made this account, and this password may be another one.
    if (id !== new_id) throw new LoginFailedError()
    return { id, token_generation: 0 }
  })
}

function passwordless(): ConflictError {
  const message = 'This account signs in elsewhere and has no password: the operator adds it with `roost member add`.'
  return new ConflictError({ message })
}

/** Makes the person a member, once. Throws InvitationNotFoundError when the invitation is over by now. */
export async function join(
  db: Database,
  invitation: OpenInvitation,
  person: Proven,
  request_id: string,
): Promise<void> {
  await db.tenantTx({ ...operatorOf(invitation.agency_id), request_id }, async (tx) => {
    const open = await tx.maybe<{ role: Role }>(sql`
      select i.role from team_invitations i
      where i.agency_id = ${tx.agency_id} and i.id = ${invitation.id}
        and i.accepted_at is null and i.revoked_at is null and i.expires_at > now() for update of i`)
    if (open === undefined) throw new InvitationNotFoundError()
    await becomeMember(tx, person.id, open.role)
    await tx.query(sql`
      update team_invitations i set accepted_at = now(), accepted_by = ${person.id}
      where i.agency_id = ${tx.agency_id} and i.id = ${invitation.id}`)
    const after = { role: open.role, invitation_id: invitation.id }
    recordAudit(tx, { action: 'member.joined', entity_type: 'team_member', entity_id: person.id, after })
  })
}

/** Whoever has become an active member in the meantime keeps the role they have. */
async function becomeMember(tx: Tx, user_id: string, role: Role): Promise<void> {
  await tx.query(sql`
    insert into team_members as m (agency_id, id, user_id, role)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${user_id}, ${role})
    on conflict (agency_id, user_id) do update set role = excluded.role, is_active = true where not m.is_active`)
}
