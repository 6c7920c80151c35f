// The members of an agency: list, role, active or not.
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { ConflictError, LastAdminError, MemberNotFoundError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { containsWords } from '../../core/postgres/search.ts'
import { all, assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { revokeInvitationsOf } from './invitations.ts'
import type { Member, MemberPatch, MemberQuery } from './schema.ts'

const memberColumns = sql`m.user_id as id, u.email, u.full_name, m.role, m.is_active, m.version, m.created_at`

/** The order of names, of members m with users u. No index: an agency has few members. */
export const sortName = sql`app.sort_key(u.full_name) collate "C"`

/** Members by name, former ones included. */
export function listMembers(tx: Tx, cursors: Cursors, query: MemberQuery): Promise<Page<Member>> {
  const { role, is_active, q } = query
  const filters = all(
    sql`m.agency_id = ${tx.agency_id}`,
    role === undefined ? undefined : sql`m.role = ${role}`,
    is_active === undefined ? undefined : sql`m.is_active = ${is_active}`,
    q === undefined ? undefined : containsWords(sql`app.search_text(u.full_name || ' ' || u.email)`, q),
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor =
      after === undefined ? undefined : sql`(${sortName}, m.user_id) > (app.sort_key(${after[0]}), ${after[1]}::uuid)`
    return tx.query<Member>(sql`
      select ${memberColumns} from team_members m join users u on u.id = m.user_id
      where ${all(filters, after_cursor)} order by ${sortName}, m.user_id limit ${limit}`)
  }
  return readPage(tx, cursors, 'team', query, read, ({ full_name, id }) => [full_name, id])
}

/** Throws MemberNotFoundError. */
export async function getMember(tx: Tx, id: string): Promise<Member> {
  const member = await tx.maybe<Member>(sql`
    select ${memberColumns} from team_members m join users u on u.id = m.user_id
    where m.agency_id = ${tx.agency_id} and m.user_id = ${id}`)
  if (member === undefined) throw new MemberNotFoundError()
  return member
}

const unproven = 'The address of this account was never proven: the operator confirms it with `roost member prove`.'

type MemberState = Pick<Member, 'role' | 'is_active'>
type Versioned = Pick<Member, 'role' | 'is_active' | 'version'>

/**
 * Changes the role or `is_active`. Their records stay, and so do the properties they own. Open invitations of a former
 * admin are revoked. Throws ConflictError, MemberNotFoundError, VersionMismatchError, and LastAdminError when no active
 * admin would remain.
 */
export async function updateMember(
  tx: Tx,
  id: string,
  patch: MemberPatch,
  expected?: ExpectedVersions,
): Promise<Member> {
  const before = await tx.maybe<Versioned>(sql`
    select m.role, m.is_active, m.version from team_members m
    where m.agency_id = ${tx.agency_id} and m.user_id = ${id} for no key update of m`)
  if (before === undefined) throw new MemberNotFoundError()
  requireVersion(before.version, expected)
  const after = { role: patch.role ?? before.role, is_active: patch.is_active ?? before.is_active }
  const has_changed = after.role !== before.role || after.is_active !== before.is_active
  if (has_changed) {
    if (id === tx.actor.id) await tx.requireActor()
    const update = tx.query(sql`
      update team_members m set ${assignments(after)} where m.agency_id = ${tx.agency_id} and m.user_id = ${id}`)
    await onConstraint(update, {
      team_members_last_admin: () => new LastAdminError(),
      team_members_local_account: () => new ConflictError({ message: unproven }),
    })
    await auditMemberState(tx, id, before, after)
    if (after.role !== 'admin' || !after.is_active) await revokeInvitationsOf(tx, id)
  }
  return getMember(tx, id)
}

async function auditMemberState(tx: Tx, entity_id: string, before: Versioned, after: MemberState): Promise<void> {
  const entry = { entity_type: 'team_member', entity_id, version: before.version + 1 }
  if (after.role !== before.role) {
    const roles = { before: { role: before.role }, after: { role: after.role } }
    recordAudit(tx, { ...entry, action: 'member.role_changed', ...roles })
  }
  if (after.is_active !== before.is_active) {
    const action = after.is_active ? 'member.reactivated' : 'member.deactivated'
    const states = { before: { is_active: before.is_active }, after: { is_active: after.is_active } }
    recordAudit(tx, { ...entry, action, ...states })
  }
}
