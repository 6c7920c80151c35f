// roost member reset-password: a new password, or a link to set one, for a person who has lost it.
import type { Command } from 'commander'
import { findPasswordProblem } from '../core/auth/password-rules.ts'
import { createTokensFromConfig } from '../core/auth/tokens.ts'
import { createMail } from '../core/mail/mail.ts'
import { findAgency } from '../features/agencies/agencies.ts'
import type { Account } from '../features/team/accounts.ts'
import { findResettable, resetByOperator } from '../features/team/operator-reset.ts'
import { createResetLink } from '../features/team/password-resets.ts'
import { type CommandContext, CommandError } from './context.ts'
import { generatePassword, report, requireEmail } from './member-output.ts'

interface Options {
  readonly email: string
  readonly agency?: string
  readonly password?: string
  readonly link?: true
  readonly json?: true
}

export function registerMemberReset(member: Command, context: CommandContext): void {
  member
    .command('reset-password')
    .description(
      'Set a new password for a person who has lost it; it is printed once, and all sessions and tokens end. ' +
        'With --link print a link instead, with which the person sets it within an hour.',
    )
    .requiredOption('--email <email>', 'e-mail of the member')
    .option('--agency <slug>', 'the agency, when the address has several accounts')
    .option('--password <password>', 'the new password (default: generated); 12 to 256 characters')
    .option('--link', 'print a link, for all accounts of the address; using it proves the address')
    .option('--json', 'print JSON')
    .action((options: Options) => reset(context, options))
}

async function reset(context: CommandContext, options: Options): Promise<void> {
  if (options.link && (options.password !== undefined || options.agency !== undefined))
    throw new CommandError('--link cannot be combined with --password or --agency')
  requireEmail(options.email)
  await context.withStore(async ({ db }, config) => {
    const mail = createMail(config, createTokensFromConfig(config))
    const agency = options.agency === undefined ? undefined : await findAgency(db, options.agency)
    if (options.agency !== undefined && agency === undefined)
      throw new CommandError(`no agency has the slug ${options.agency}`)
    const account = await findResettable(db, { email: options.email, agency_id: agency?.id })
    if (options.link) printLink(context, options, await createResetLink(db, mail, account.email), account)
    else await setPassword(context, options, account, (password) => resetByOperator(db, mail, account, password))
  })
}

function printLink(context: CommandContext, { json }: Options, link: string | undefined, { email }: Account): void {
  if (link === undefined) throw new CommandError(`five links were made for ${email} in the last hour: wait`)
  const line = `${email} can set a new password with this link, once, within an hour. Nothing has changed yet.`
  report(context, json, { email, link }, [line, link])
}

async function setPassword(
  context: CommandContext,
  { password: given, json }: Options,
  { email, active_slugs: agencies }: Account,
  save: (password: string) => Promise<void>,
): Promise<void> {
  const problem = given === undefined ? undefined : findPasswordProblem(given, { email, agencies })
  if (problem !== undefined) throw new CommandError(`--password: ${problem}`)
  const password = given ?? generatePassword()
  await save(password)
  const line = `${email} has ${given === undefined ? `a new password, shown this once: ${password}` : 'the new password.'}`
  const facts = { email, agencies, ...(given === undefined && { password }) }
  report(context, json, facts, [line, 'All sessions and tokens of the account have ended.'])
}
