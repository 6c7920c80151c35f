// Invitations to an agency: created, listed and revoked by its admins; the link contains a secret.
import { randomUUIDv7 } from 'node:crypto'
import sql, { raw, type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { ConflictError, InvitationNotFoundError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import type { Mail } from '../../core/mail/mail.ts'
import { queueMail } from '../../core/mail/outbox.ts'
import type { Language } from '../../core/mail/template.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { lock } from '../../core/postgres/locks.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { emailError, requireEmail } from './accounts.ts'
import { lifetimes, pagePaths } from './mails.ts'
import type { Invitation, InvitationQuery, Invited, NewInvitation } from './schema.ts'
import { hashOfSecret, newSecret } from './sessions.ts'

/**
 * Creates an invitation for seven days, with an e-mail. It replaces an open invitation of the same address. Only without a mail
 * server the inviter gets the link. Throws ValidationError, ConflictError when the address is an active member, and
 * RateLimitedError after many messages to it.
 */
export async function invite(tx: Tx, mail: Mail, { email: given, role, full_name }: NewInvitation): Promise<Invited> {
  const email = requireEmail(given)
  await lockEmail(tx, email)
  await requireNoMember(tx, email)
  await revokeWhere(tx, sql`i.email = ${email}`)
  const token = newSecret()
  const insert = tx.one<Omit<Invited, 'delivery' | 'token' | 'link'>>(sql`
    insert into team_invitations as i (agency_id, id, email, full_name, role, token_hash, invited_by, expires_at, is_mailed)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${email}, ${full_name ?? null}, ${role}, ${hashOfSecret(token)},
      ${tx.actor.id}, now() + ${raw(`interval '${lifetimes.invitation} seconds'`)}, ${mail.is_sent})
    returning i.id, i.email, i.full_name, i.role, i.expires_at`)
  const invited = await onConstraint(insert, { team_invitations_email_check: emailError })
  const entry = { action: 'member.invited', entity_type: 'team_invitation', entity_id: invited.id, after: { role } }
  recordAudit(tx, entry)
  await queueInvitation(tx, mail, { email, role, token })
  if (mail.is_sent) return { ...invited, delivery: 'mail' }
  return { ...invited, delivery: 'link', token, link: mail.linkTo(pagePaths.invitation, token) }
}

async function queueInvitation(
  tx: Tx,
  mail: Mail,
  { email: to, role, token }: { readonly email: string; readonly role: string; readonly token: string },
): Promise<void> {
  const { name: agency_name, language } = await tx.one<{ name: string; language: Language | null }>(sql`
    select a.name, a.language from agencies a where a.id = ${tx.agency_id}`)
  const params = { agency_name, role }
  await queueMail(tx, mail, { kind: 'invitation', to, params, token, language, lifetime_s: lifetimes.invitation })
}

/** Locks the e-mail until the transaction ends: one open invitation at a time. */
async function lockEmail(tx: Tx, email: string): Promise<void> {
  const key = `invitation ${tx.agency_id}/${email}`
  await lock(tx, key)
}

async function requireNoMember(tx: Tx, email: string): Promise<void> {
  const member = await tx.maybe(sql`
    select m.id from team_members m join users u on u.id = m.user_id
    where m.agency_id = ${tx.agency_id} and m.is_active and u.email = ${email}`)
  if (member === undefined) return
  const details = [{ pointer: '/email', code: 'ALREADY_A_MEMBER', message: 'is an active member of this agency' }]
  throw new ConflictError({ details })
}

/** Revokes unaccepted invitations, also expired ones. Returns how many. */
async function revokeWhere(tx: Tx, which: Sql): Promise<number> {
  const revoked = await tx.query<{ id: string }>(sql`
    update team_invitations i set revoked_at = now()
    where i.agency_id = ${tx.agency_id} and i.accepted_at is null and i.revoked_at is null and ${which}
    returning i.id`)
  for (const { id: entity_id } of revoked) {
    recordAudit(tx, { action: 'invitation.revoked', entity_type: 'team_invitation', entity_id })
  }
  return revoked.length
}

/** Open invitations, newest first. */
export function listInvitations(tx: Tx, cursors: Cursors, query: InvitationQuery): Promise<Page<Invitation>> {
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const open = all(
      sql`i.agency_id = ${tx.agency_id}`,
      sql`i.accepted_at is null and i.revoked_at is null and i.expires_at > now()`,
      // UUIDv7: the ids sort by creation time.
      after === undefined ? undefined : sql`i.id < ${after[0]}::uuid`,
    )
    return tx.query<Invitation>(sql`
      select i.id, i.email, i.full_name, i.role, i.expires_at, case when i.is_mailed then 'mail' else 'link' end as delivery,
        i.invited_by, i.created_at
      from team_invitations i where ${open} order by i.id desc limit ${limit}`)
  }
  return readPage(tx, cursors, 'invitations', query, read, ({ id }) => [id])
}

/** Throws InvitationNotFoundError, also when the invitation is no longer open. */
export async function revokeInvitation(tx: Tx, id: string): Promise<void> {
  const revoked = await revokeWhere(tx, sql`i.id = ${id} and i.expires_at > now()`)
  if (revoked === 0) throw new InvitationNotFoundError()
}

/** Revokes the open invitations of a person who may no longer invite. */
export async function revokeInvitationsOf(tx: Tx, user_id: string): Promise<void> {
  await revokeWhere(tx, sql`i.invited_by = ${user_id}`)
}
