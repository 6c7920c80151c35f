// roost member add, member prove: what an operator does with the people of an agency and their accounts.
import { randomInt } from 'node:crypto'
import { type Command, Option } from 'commander'
import { passwordProblem } from '../core/auth/password-rules.ts'
import { type Role, roles } from '../core/auth/permissions.ts'
import type { Database } from '../core/postgres/database.ts'
import { type Agency, findAgency, operatorOf } from '../features/agencies/agencies.ts'
import { type Account, accountFor, findAccounts } from '../features/team/accounts.ts'
import { addMember, type NewMember, proveMember } from '../features/team/team.ts'
import { type CommandContext, CommandError } from './context.ts'

export function registerMember(program: Command, context: CommandContext): void {
  const member = program.command('member').description('People of an agency.')
  member
    .command('add')
    .description(
      'Give a person a role in an agency. A new e-mail gets an account, and its password is printed once. An account ' +
        'whose address was proven joins as it is; one that was made by an invitation of another agency does not.',
    )
    .requiredOption('--agency <slug>', 'the agency')
    .requiredOption('--email <email>', 'the person')
    .addOption(new Option('--role <role>', 'the role').choices([...roles]).makeOptionMandatory())
    .option('--name <name>', 'full name')
    .option('--password <password>', 'instead of a made one; 12 to 256 characters, no common one')
    .option('--reset-password', 'give an account that exists a new password; ends its sessions and tokens')
    .option('--subject <sub>', 'their `sub` at the outside identity provider; removes the password, ends its sessions')
    .option('--json', 'print JSON')
    .action((options) => add(context, options))
  member
    .command('prove')
    .description(
      'Confirm that an account made by an invitation belongs to the person with this e-mail. It keeps its password and ' +
        'may join other agencies from then on.',
    )
    .requiredOption('--email <email>', 'the person')
    .option('--agency <slug>', 'the agency that invited them, when several did')
    .option('--reset-password', 'a new password, printed once; ends its sessions and tokens')
    .option('--json', 'print JSON')
    .action((options) => prove(context, options))
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
      throw new CommandError('--subject: whoever signs in through the identity provider has no password beside it')
    }
    const agency = await findAgency(db, options.agency)
    if (agency === undefined) throw new CommandError(`no agency has the slug ${options.agency}: roost agency create`)
    requirePassword(options, agency)
    const { email, role, name, password, subject } = options
    const reset_password = options.resetPassword === true
    const made = await admit(db, agency, { email, role, full_name: name, password, subject, reset_password })
    report(context, options.json, { agency: agency.slug, ...made }, greeting(made))
  })
}

function requirePassword({ password, email }: AddOptions, { name, slug }: Agency): void {
  const problem = password === undefined ? undefined : passwordProblem(password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw new CommandError(`--password: ${problem}`)
}

/** What the operator is told of an account that was there before. */
interface Kept {
  readonly email_proven_by: Account['email_proven_by']
  readonly email_proven_at: string | null
  /** It belongs to this agency alone while it is not proven. */
  readonly only_in: string | null
  readonly keeps_password: boolean
  readonly has_subject: boolean
  readonly sessions_ended: boolean
  readonly agencies: readonly string[]
}

export interface Admitted {
  readonly email: string
  readonly role: Role
  /** Only when one was made just now. */
  readonly password?: string
  /** Their account is closed: the membership is there, but nobody can sign in with it. */
  readonly is_closed?: true
  /** The account was there already. */
  readonly existing_account?: Kept
  /** Agencies that have an unproven account of their own with this address. */
  readonly separate_accounts_of?: readonly string[]
}

export async function admit(db: Database, agency: Agency, wanted: NewMember): Promise<Admitted> {
  const known = accountFor(await findAccounts(db, wanted.email), agency.id)
  const has_none = known?.password_hash == null && known?.auth_subject == null
  const resets = wanted.reset_password === true && known?.auth_subject == null
  const needs = (has_none || resets) && wanted.subject === undefined && wanted.password === undefined
  const password = needs && known?.is_active !== false ? newPassword() : wanted.password
  const { email, role, before, others } = await addMember(db, operatorOf(agency.id), { ...wanted, password })
  const separate = others.flatMap(({ local_agency_slug }) => local_agency_slug ?? [])
  return {
    email,
    role,
    ...(needs && password !== undefined && { password }),
    ...(before?.is_active === false && { is_closed: true }),
    ...(before !== undefined && { existing_account: keptBy(before, { ...wanted, password }) }),
    ...(separate.length > 0 && { separate_accounts_of: separate }),
  }
}

function keptBy(before: Account, { password, subject, reset_password }: Omit<NewMember, 'email' | 'role'>): Kept {
  const ends = password !== undefined || (subject !== undefined && before.auth_subject === null)
  const is_proven_now = reset_password === true || subject !== undefined
  return {
    email_proven_by: before.email_proven_by ?? (is_proven_now ? 'operator' : null),
    email_proven_at: before.email_proven_at,
    only_in: is_proven_now ? null : before.local_agency_slug,
    keeps_password: before.password_hash !== null && !ends,
    has_subject: before.auth_subject !== null || subject !== undefined,
    sessions_ended: ends,
    agencies: before.active_slugs,
  }
}

export function greeting(made: Admitted): string[] {
  const { email, role, password, is_closed, existing_account, separate_accounts_of } = made
  const is_role = `${email} is ${role}`
  const first = is_closed
    ? `${is_role}, but their account is closed: they cannot sign in.`
    : password === undefined
      ? `${is_role}.`
      : `${is_role}. Password, shown this once: ${password}`
  return [
    first,
    ...(existing_account === undefined ? [] : keptLines(existing_account)),
    ...(separate_accounts_of ?? []).map(
      (slug) => `Note: ${slug} has an unproven account of its own with this address; it stays apart.`,
    ),
  ]
}

function keptLines(kept: Kept): string[] {
  const proof =
    kept.only_in === null
      ? `its address is proven by the ${kept.email_proven_by?.replace('_', ' ')}`
      : `its address was never proven, so it belongs to ${kept.only_in} alone (roost member prove)`
  const password = kept.keeps_password ? 'It keeps its password.' : 'Its former password is not valid any more.'
  const subject = kept.has_subject ? ' It signs in through the identity provider.' : ''
  const agencies = kept.agencies.length === 0 ? 'no agency' : kept.agencies.join(', ')
  return [
    `THE ACCOUNT EXISTED ALREADY: ${proof}. Until now it was active in: ${agencies}.`,
    `${kept.has_subject ? 'It has no password.' : password}${subject}${kept.sessions_ended ? ' All its sessions and tokens have ended.' : ''}`,
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
    const password = options.resetPassword ? newPassword() : undefined
    const account = await proveMember(db, { email: options.email, agency_id: agency?.id, password })
    const facts = {
      email: account.email,
      was_only_in: account.local_agency_slug,
      keeps_password: password === undefined,
    }
    report(context, options.json, { ...facts, ...(password !== undefined && { password }) }, [
      `${account.email}, invited by ${account.local_agency_slug}, is proven by the operator and may join other agencies.`,
      password === undefined
        ? 'It keeps its password, which whoever accepted the invitation has chosen.'
        : `All its sessions and tokens have ended. Password, shown this once: ${password}`,
    ])
  })
}

/** Five groups of four letters and digits without lookalikes: 97 random bits, easy to read out. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 5 }, group).join('-')
}

export function requireEmail(email: string): void {
  if (!/^[^@\s]+@[^@\s]+$/.test(email.trim())) throw new CommandError(`${email} is not an e-mail address`)
}

export function report(context: CommandContext, json: true | undefined, facts: object, lines: readonly string[]): void {
  if (json) context.print(JSON.stringify(facts, null, 2))
  else for (const line of lines) context.print(line)
}
