// roost agency create, member add, token: what an operator does before anybody can sign in.
import { randomInt } from 'node:crypto'
import { type Command, Option } from 'commander'
import { type Role, roles } from '../core/auth.ts'
import type { Database } from '../core/database.ts'
import { ForbiddenError } from '../core/errors.ts'
import { createIdentities } from '../core/memberships.ts'
import { passwordProblem } from '../core/password-rules.ts'
import { tokensOf } from '../core/tokens.ts'
import { type Agency, createAgency, findAgency, operatorOf } from '../features/agencies/agencies.ts'
import { addMember, findUser } from '../features/team/team.ts'
import { type CommandContext, CommandError } from './context.ts'

export function registerAgency(program: Command, context: CommandContext): void {
  const agency = program.command('agency').description('Agencies of this deployment.')
  agency
    .command('create')
    .description('Make an agency and its first admin; prints the password once.')
    .requiredOption('--name <name>', 'as people read it')
    .requiredOption('--slug <slug>', 'lower-case letters, digits, hyphens; names it in commands')
    .requiredOption('--admin-email <email>', 'the first admin')
    .option('--currency <code>', 'ISO 4217', 'EUR')
    .option('--time-zone <zone>', 'IANA name', 'Europe/Berlin')
    .option('--json', 'print JSON')
    .action((options) => create(context, options))

  program
    .command('member')
    .description('People of an agency.')
    .command('add')
    .description(
      'Give a person a role in an agency; makes the person when the e-mail is new, and prints the password once.',
    )
    .requiredOption('--agency <slug>', 'the agency')
    .requiredOption('--email <email>', 'the person')
    .addOption(new Option('--role <role>', 'the role').choices([...roles]).makeOptionMandatory())
    .option('--name <name>', 'full name')
    .option('--password <password>', 'instead of a made one; 12 to 256 characters, no common one')
    .option('--subject <sub>', 'their `sub` at the outside identity provider (no password is made then)')
    .option('--json', 'print JSON')
    .action((options) => add(context, options))

  program
    .command('token')
    .description('Print a token for a person, for scripts and tests.')
    .requiredOption('--email <email>', 'the person')
    .option('--agency <slug>', 'bind the token to this agency')
    .option('--hours <n>', 'valid for so many hours, 1 to 24', '1')
    .action((options) => token(context, options))
}

interface CreateOptions {
  name: string
  slug: string
  adminEmail: string
  currency: string
  timeZone: string
  json?: true
}

async function create(context: CommandContext, options: CreateOptions): Promise<void> {
  const { name, slug, adminEmail, currency, timeZone, json } = options
  await context.withStore(async ({ db }) => {
    requireEmail(adminEmail)
    const agency = await createAgency(db, { name, slug, currency, time_zone: timeZone })
    const made = await admit(db, agency, { email: adminEmail, role: 'admin' })
    report(context, json, { agency, ...made }, [`Agency ${agency.slug} (${agency.id}) is there.`, ...greeting(made)])
  })
}

interface AddOptions {
  agency: string
  email: string
  role: Role
  name?: string
  password?: string
  subject?: string
  json?: true
}

async function add(context: CommandContext, options: AddOptions): Promise<void> {
  await context.withStore(async ({ db }) => {
    requireEmail(options.email)
    const agency = await requireAgency(db, options.agency)
    requirePassword(options, agency)
    const made = await admit(db, agency, { ...options, full_name: options.name })
    report(context, options.json, { agency: agency.slug, ...made }, greeting(made))
  })
}

function requirePassword({ password, email }: AddOptions, { name, slug }: Agency): void {
  const problem = password === undefined ? undefined : passwordProblem(password, { email, agencies: [name, slug] })
  if (problem !== undefined) throw new CommandError(`--password: ${problem}`)
}

interface Admission {
  readonly email: string
  readonly role: Role
  readonly full_name?: string | undefined
  readonly password?: string | undefined
  readonly subject?: string | undefined
}

interface Admitted {
  readonly email: string
  readonly role: Role
  /** Only when one was made just now. */
  readonly password?: string
  /** Their account is closed: the membership is there, but nobody can sign in with it. */
  readonly is_closed?: true
}

async function admit(db: Database, agency: Agency, wanted: Admission): Promise<Admitted> {
  const known = await findUser(db, wanted.email)
  const needs_password = known?.password_hash == null && wanted.subject === undefined && wanted.password === undefined
  const password = needs_password ? newPassword() : wanted.password
  const { email, role } = await addMember(db, operatorOf(agency.id), { ...wanted, password })
  // An account that is closed looks new, and keeps the password it had.
  const is_closed = known === undefined && (await findUser(db, email)) === undefined
  const is_new = needs_password && password !== undefined && !is_closed
  return { email, role, ...(is_closed && { is_closed }), ...(is_new && { password }) }
}

function greeting({ email, role, password, is_closed }: Admitted): string[] {
  if (is_closed) return [`${email} is ${role}, but their account is closed: they cannot sign in.`]
  const signIn = password === undefined ? 'They sign in as before.' : `Password, shown this once: ${password}`
  return [`${email} is ${role}. ${signIn}`]
}

/** Five groups of four letters and digits without lookalikes: 97 random bits, easy to read out. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 5 }, group).join('-')
}

async function token(
  context: CommandContext,
  options: { email: string; agency?: string; hours: string },
): Promise<void> {
  const hours = Number(options.hours)
  if (!Number.isInteger(hours) || hours < 1 || hours > 24)
    throw new CommandError('--hours must be a whole number 1 to 24')
  await context.withStore(async ({ db }, config) => {
    const tokens = tokensOf(config)
    if (!tokens.canIssue) throw new CommandError('JWT_SECRET is not set: tokens come from the identity provider', 78)
    const user = await findUser(db, options.email)
    if (user === undefined) throw new CommandError(`nobody has the e-mail ${options.email}: roost member add`)
    const agency = options.agency === undefined ? undefined : await requireAgency(db, options.agency)
    const identity = await createIdentities(db).find({ sub: user.id, is_own: true })
    const is_member = identity?.memberships.some(({ agency_id }) => agency === undefined || agency_id === agency.id)
    if (is_member !== true)
      throw new ForbiddenError({ message: `${options.email} is no active member: roost member add` })
    const subject = { user_id: user.id, generation: user.token_generation, ...(agency && { agency_id: agency.id }) }
    const issued = await tokens.issue(subject, hours * 3600)
    context.print(issued.token)
  })
}

/** Throws CommandError. */
export async function requireAgency(db: Database, slug: string): Promise<Agency> {
  const agency = await findAgency(db, slug)
  if (agency === undefined) throw new CommandError(`no agency has the slug ${slug}: roost agency create`)
  return agency
}

function requireEmail(email: string): void {
  if (!/^[^@\s]+@[^@\s]+$/.test(email.trim())) throw new CommandError(`${email} is not an e-mail address`)
}

function report(context: CommandContext, json: true | undefined, facts: object, lines: readonly string[]): void {
  if (json) context.print(JSON.stringify(facts, null, 2))
  else for (const line of lines) context.print(line)
}
