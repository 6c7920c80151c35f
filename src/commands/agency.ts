// roost agency create and roost token.
import type { Command } from 'commander'
import { createIdentities } from '../core/auth/memberships.ts'
import { createTokensFromConfig } from '../core/auth/tokens.ts'
import { ForbiddenError } from '../core/errors.ts'
import type { Database } from '../core/postgres/database.ts'
import { type Agency, createAgency, findAgency } from '../features/agencies/agencies.ts'
import { findAccounts, isProven } from '../features/team/accounts.ts'
import { registerAgencyList } from './agency-list.ts'
import { type CommandContext, CommandError } from './context.ts'
import { addMemberWithPassword, describeAddedMember, registerMember } from './member.ts'
import { report, requireEmail } from './member-output.ts'

export function registerAgency(program: Command, context: CommandContext): void {
  const agency = program.command('agency').description('Agencies of this deployment.')
  agency
    .command('create')
    .description('Create an agency and its first admin. Prints the password of a new account once.')
    .requiredOption('--name <name>', 'display name')
    .requiredOption('--slug <slug>', 'lower-case letters, digits and hyphens; identifies the agency in commands')
    .requiredOption(
      '--admin-email <email>',
      'the first admin; an existing account with this proven address is added unchanged',
    )
    .option('--reset-password', 'set a new password for an existing account; ends its sessions and tokens')
    .option('--currency <code>', 'ISO 4217', 'EUR')
    .option('--time-zone <zone>', 'IANA name', 'Europe/Berlin')
    .option('--json', 'print JSON')
    .action((options) => create(context, options))
  registerAgencyList(agency, context)
  registerMember(program, context)

  program
    .command('token')
    .description('Print an access token for a user, for scripts and tests.')
    .requiredOption('--email <email>', 'e-mail of the user')
    .option('--agency <slug>', 'restrict the token to this agency')
    .option('--hours <n>', 'lifetime in hours, 1 to 24', '1')
    .action((options) => token(context, options))
}

interface CreateOptions {
  name: string
  slug: string
  adminEmail: string
  resetPassword?: true
  currency: string
  timeZone: string
  json?: true
}

async function create(context: CommandContext, options: CreateOptions): Promise<void> {
  const { name, slug, adminEmail, currency, timeZone, json } = options
  await context.withStore(async ({ db }) => {
    requireEmail(adminEmail)
    // Checked before the agency is created, so that a refusal does not leave an agency without an admin.
    const proven = (await findAccounts(db, adminEmail)).find(isProven)
    if (options.resetPassword && proven?.auth_subject != null)
      throw new CommandError(`--reset-password: ${adminEmail} signs in through the identity provider`)
    const agency = await createAgency(db, { name, slug, currency, time_zone: timeZone })
    const added = await addMemberWithPassword(db, agency, {
      email: adminEmail,
      role: 'admin',
      reset_password: options.resetPassword === true,
    })
    report(context, json, { agency, ...added }, [
      `Created agency ${agency.slug} (${agency.id}).`,
      ...describeAddedMember(added),
    ])
  })
}

async function token(
  context: CommandContext,
  options: { email: string; agency?: string; hours: string },
): Promise<void> {
  const hours = Number(options.hours)
  if (!Number.isInteger(hours) || hours < 1 || hours > 24)
    throw new CommandError('--hours must be a whole number 1 to 24')
  await context.withStore(async ({ db }, config) => {
    const tokens = createTokensFromConfig(config)
    if (!tokens.canIssue)
      throw new CommandError('JWT_SECRET is not set: tokens are issued by the identity provider', 78)
    const agency = options.agency === undefined ? undefined : await requireAgency(db, options.agency)
    const accounts = (await findAccounts(db, options.email)).filter(({ is_active }) => is_active)
    const user = accounts.find(({ active_in }) => agency !== undefined && active_in.includes(agency.id)) ?? accounts[0]
    if (user === undefined) throw new CommandError(`no user has the e-mail ${options.email}: roost member add`)
    const identity = await createIdentities(db).find({ sub: user.id, is_own: true })
    const is_member = identity?.memberships.some(({ agency_id }) => agency === undefined || agency_id === agency.id)
    if (is_member !== true)
      throw new ForbiddenError({ message: `${options.email} is not an active member: roost member add` })
    const subject = { user_id: user.id, generation: user.token_generation, ...(agency && { agency_id: agency.id }) }
    const issued = await tokens.issue(subject, hours * 3600)
    context.print(issued.token)
  })
}

/** Throws CommandError when no agency has the slug. */
export async function requireAgency(db: Database, slug: string): Promise<Agency> {
  const agency = await findAgency(db, slug)
  if (agency === undefined) throw new CommandError(`no agency has the slug ${slug}: roost agency create`)
  return agency
}
