// roost member list: the members of an agency.
import type { Command } from 'commander'
import sql from 'sql-template-tag'
import { operatorOf } from '../core/auth/actors.ts'
import { findAgency } from '../features/agencies/agencies.ts'
import { sortName } from '../features/team/members.ts'
import { type CommandContext, CommandError } from './context.ts'
import { printTable } from './print-table.ts'

interface MemberRow {
  readonly email: string
  readonly full_name: string
  readonly role: string
  readonly is_active: boolean
  readonly user_id: string
  readonly created_at: string
}

/** Adds `list` to the command `member` of the program. */
export function registerMemberList(program: Command, context: CommandContext): void {
  const member = program.commands.find((command) => command.name() === 'member') ?? program.command('member')
  member
    .command('list')
    .description('List the members of an agency by name, former ones included.')
    .requiredOption('--agency <slug>', 'the agency')
    .option('--json', 'print JSON')
    .action((options: { readonly agency: string; readonly json?: true }) => list(context, options.agency, options.json))
}

async function list(context: CommandContext, slug: string, as_json = false): Promise<void> {
  const rows = await context.withStore(async ({ db }) => {
    const agency = await findAgency(db, slug)
    if (agency === undefined) throw new CommandError(`no agency has the slug ${slug}: roost agency list`)
    return db.tenantRead(operatorOf(agency.id), (tx) =>
      tx.query<MemberRow>(sql`
        select u.email, u.full_name, m.role, m.is_active, m.user_id, m.created_at
        from team_members m join users u on u.id = m.user_id
        where m.agency_id = ${tx.agency_id} order by ${sortName}, m.user_id`),
    )
  })
  if (as_json) context.print(JSON.stringify(rows, null, 2))
  else printTable(context, ['email', 'full_name', 'role', 'is_active'], rows)
}
