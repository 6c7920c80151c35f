// roost member add and roost member prove.
import { type Command, Option } from 'commander'
import { operatorOf } from '../core/auth/actors.ts'
import { findPasswordProblem } from '../core/auth/password-rules.ts'
import { type Role, roles } from '../core/auth/permissions.ts'
import type { Database } from '../core/postgres/database.ts'
import { type Agency, findAgency } from '../features/agencies/agencies.ts'
import { type Account, accountFor, findAccounts } from '../features/team/accounts.ts'
import { addMember, type NewMember, proveMember } from '../features/team/team.ts'
import { type CommandContext, CommandError } from './context.ts'
import { generatePassword, report, requireEmail } from './member-output.ts'
import { registerMemberReset } from './member-reset.ts'

export function registerMember(program: Command, context: CommandContext): void {
  const member = program.command('member').description('Members of an agency.')
  member
    .command('add')
    .description(
      'Add a member with a role to an agency. For a new e-mail an account is created and its password is printed once. ' +
        'An existing account with a proven address is added unchanged; an unproven one of another agency is not.',
    )
    .requiredOption('--agency <slug>', 'the agency')
    .requiredOption('--email <email>', 'e-mail of the member')
    .addOption(new Option('--role <role>', 'the role').choices([...roles]).makeOptionMandatory())
    .option('--name <name>', 'full name')
    .option('--password <password>', 'password for a new account (default: generated); 12 to 256 characters')
    .option('--reset-password', 'set a new password for an existing account; ends its sessions and tokens')
    .option('--subject <sub>', '`sub` at the identity provider; removes the password and ends all sessions')
    .option('--json', 'print JSON')
    .action((options) => add(context, options))
  member
    .command('prove')
    .description(
      'Confirm that an account created by an invitation belongs to the owner of this e-mail. It keeps its password and ' +
        'can be added to other agencies.',
    )
    .requiredOption('--email <email>', 'e-mail of the member')
    .option('--agency <slug>', 'the inviting agency, when there are several')
    .option('--reset-password', 'set a new password, printed once; ends its sessions and tokens')
    .option('--json', 'print JSON')
    .action((options) => prove(context, options))
  registerMemberReset(member, context)
}

interface AddOptions {
  agency: string
  email: string
  role: Role
  name?: string
  password?: string
  resetPassword?: true
  subject?: string
  json?: true
}

async function add(context: CommandContext, options: AddOptions): Promise<void> {
  await context.withStore(async ({ db }) => {
    requireEmail(options.email)
    if (options.subject !== undefined && (options.password !== undefined || options.resetPassword)) {
      throw new CommandError(
        '--subject cannot be combined with a password: the member signs in through the identity provider',
      )
    }
    const agency = await findAgency(db, options.agency)
    if (agency === undefined) throw new CommandError(`no agency has the slug ${options.agency}: roost agency create`)
    requirePassword(options, agency)
    const { email, role, name, password, subject } = options
    const reset_password = options.resetPassword === true
    const added = await addMemberWithPassword(db, agency, {
      email,
      role,
      full_name: name,
      password,
      subject,
      reset_password,
    })
    report(context, options.json, { agency: agency.slug, ...added }, describeAddedMember(added))
  })
}

function requirePassword({ password, email }: AddOptions, { name, slug }: Agency): void {
  const problem = password === undefined ? undefined : findPasswordProblem(password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw new CommandError(`--password: ${problem}`)
}

/** What the command reports about an account that existed before. */
interface ExistingAccount {
  readonly email_proven_by: Account['email_proven_by']
  readonly email_proven_at: string | null
  /** The only agency of an unproven account. */
  readonly only_in: string | null
  readonly keeps_password: boolean
  readonly has_subject: boolean
  readonly sessions_ended: boolean
  readonly agencies: readonly string[]
}

export interface AddedMember {
  readonly email: string
  readonly role: Role
  /** False when the member had this role already, and nothing else was to be changed. */
  readonly has_changed: boolean
  /** Set when it was generated now. */
  readonly password?: string
  /** The account is closed: the membership exists, but sign-in is not possible. */
  readonly is_closed?: true
  /** Set when the account existed before. */
  readonly existing_account?: ExistingAccount
  /** Agencies with a separate unproven account for this address. */
  readonly separate_accounts_of?: readonly string[]
}

/** Adds the member. Generates a password when the account needs one. */
export async function addMemberWithPassword(db: Database, agency: Agency, wanted: NewMember): Promise<AddedMember> {
  const known = accountFor(await findAccounts(db, wanted.email), agency.id)
  const has_no_sign_in = known?.password_hash == null && known?.auth_subject == null
  const is_reset = wanted.reset_password === true && known?.auth_subject == null
  const needs_password = (has_no_sign_in || is_reset) && wanted.subject === undefined && wanted.password === undefined
  const password = needs_password && known?.is_active !== false ? generatePassword() : wanted.password
  const { email, role, has_changed, before, others } = await addMember(db, operatorOf(agency.id), {
    ...wanted,
    password,
  })
  const separate = others.flatMap(({ local_agency_slug }) => local_agency_slug ?? [])
  return {
    email,
    role,
    has_changed,
    ...(needs_password && password !== undefined && { password }),
    ...(before?.is_active === false && { is_closed: true }),
    ...(before !== undefined && { existing_account: describeExisting(before, { ...wanted, password }) }),
    ...(separate.length > 0 && { separate_accounts_of: separate }),
  }
}

function describeExisting(
  before: Account,
  { password, subject, reset_password }: Omit<NewMember, 'email' | 'role'>,
): ExistingAccount {
  const ends_sessions = password !== undefined || (subject !== undefined && before.auth_subject === null)
  const is_proven_now = reset_password === true || subject !== undefined
  return {
    email_proven_by: before.email_proven_by ?? (is_proven_now ? 'operator' : null),
    email_proven_at: before.email_proven_at,
    only_in: is_proven_now ? null : before.local_agency_slug,
    keeps_password: before.password_hash !== null && !ends_sessions,
    has_subject: before.auth_subject !== null || subject !== undefined,
    sessions_ended: ends_sessions,
    agencies: before.active_slugs,
  }
}

/** The lines that the command prints. */
export function describeAddedMember(added: AddedMember): string[] {
  const { email, role, has_changed, password, is_closed, existing_account, separate_accounts_of } = added
  const is_role = has_changed ? `${email} is ${role}` : `Nothing has changed: ${email} already was ${role}`
  const first = is_closed
    ? `${is_role}, but the account is closed and cannot sign in.`
    : password === undefined
      ? `${is_role}.`
      : `${is_role}. Password, shown this once: ${password}`
  return [
    first,
    ...(existing_account === undefined ? [] : existingAccountLines(existing_account)),
    ...(separate_accounts_of ?? []).map((slug) => `Note: ${slug} has a separate unproven account with this address.`),
  ]
}

function existingAccountLines(account: ExistingAccount): string[] {
  const proof =
    account.only_in === null
      ? `its address is proven by the ${account.email_proven_by?.replace('_', ' ')}`
      : `its address is not proven, so it can be used in ${account.only_in} only (roost member prove)`
  const password = account.keeps_password ? 'It keeps its password.' : 'Its former password is no longer valid.'
  const subject = account.has_subject ? ' It signs in through the identity provider.' : ''
  const agencies = account.agencies.length === 0 ? 'no agency' : account.agencies.join(', ')
  return [
    `The account already existed: ${proof}. It was active in: ${agencies}.`,
    `${account.has_subject ? 'It has no password.' : password}${subject}${account.sessions_ended ? ' All its sessions and tokens have ended.' : ''}`,
  ]
}

interface ProveOptions {
  email: string
  agency?: string
  resetPassword?: true
  json?: true
}

async function prove(context: CommandContext, options: ProveOptions): Promise<void> {
  await context.withStore(async ({ db }) => {
    requireEmail(options.email)
    const agency = options.agency === undefined ? undefined : await findAgency(db, options.agency)
    if (options.agency !== undefined && agency === undefined)
      throw new CommandError(`no agency has the slug ${options.agency}`)
    const password = options.resetPassword ? generatePassword() : undefined
    const account = await proveMember(db, { email: options.email, agency_id: agency?.id, password })
    const facts = {
      email: account.email,
      was_only_in: account.local_agency_slug,
      keeps_password: password === undefined,
    }
    report(context, options.json, { ...facts, ...(password !== undefined && { password }) }, [
      `${account.email}, invited by ${account.local_agency_slug}, is now proven and can be added to other agencies.`,
      password === undefined
        ? 'It keeps the password that was chosen when the invitation was accepted.'
        : `All its sessions and tokens have ended. Password, shown this once: ${password}`,
    ])
  })
}
