// People and what they are in an agency; signing in.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { recordAudit } from '../../core/audit.ts'
import type { Actor, Role } from '../../core/auth.ts'
import type { Database } from '../../core/database.ts'
import { invalid, LoginFailedError } from '../../core/errors.ts'
import { type HashingFor, hashPassword, verifyPassword } from '../../core/passwords.ts'

export interface SignInRow {
  readonly id: string
  readonly email: string
  readonly full_name: string
  readonly password_hash: string | null
  readonly token_generation: number
  /** Whether they signed in from the network asked about before. */
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

/** The active user with this e-mail, or undefined. `network_hash`: see networkHashOf. */
export async function findUser(db: Database, email: string, network_hash?: Buffer): Promise<SignInRow | undefined> {
  return db.systemTx((tx) =>
    tx.maybe<SignInRow>(sql`
      select id, email, full_name, password_hash, app.token_generation_of(id) as token_generation,
        app.has_signed_in_from(id, ${network_hash ?? null}) as is_known
      from app.sign_in_user(${accountOf(email)})`),
  )
}

/** The user, if this is their password. No user or a wrong one: the same LoginFailedError after the same work. */
export async function checkPassword(user: SignInRow | undefined, password: string, by: HashingFor): Promise<SignInRow> {
  const is_right = await verifyPassword(user?.password_hash ?? undefined, password, by)
  if (!is_right || user === undefined) throw new LoginFailedError()
  return user
}

export interface NewMember {
  readonly email: string
  readonly role: Role
  readonly full_name?: string | undefined
  /** Plain; a password the person already has is kept. */
  readonly password?: string | undefined
  /** The `sub` of an outside identity provider; one already set is kept. */
  readonly subject?: string | undefined
}

export interface Added {
  readonly user_id: string
  readonly email: string
  readonly role: Role
  readonly is_active: boolean
}

/** Makes the person if needed and gives them the role in the actor's agency; an existing membership is changed. */
export async function addMember(db: Database, actor: Actor, input: NewMember): Promise<Added> {
  const email = requireEmail(input.email)
  const hash = input.password === undefined ? null : await hashPassword(input.password)
  const name = input.full_name ?? email
  const { id } = await db.systemTx((tx) =>
    tx.one<{ id: string }>(sql`
      select app.ensure_user(${randomUUIDv7()}, ${email}, ${name}, ${hash}, ${input.subject ?? null}) as id`),
  )
  return db.tenantTx(actor, async (tx) => {
    const member = await tx.one<Added>(sql`
      insert into team_members as m (agency_id, id, user_id, role)
      values (${tx.agency_id}, ${randomUUIDv7()}, ${id}, ${input.role})
      on conflict (agency_id, user_id) do update set role = excluded.role, is_active = true
      returning m.user_id, ${email} as email, m.role, m.is_active`)
    const after = { role: member.role, is_active: member.is_active }
    recordAudit(tx, { action: 'member.added', entity_type: 'team_member', entity_id: id, after })
    return member
  })
}
