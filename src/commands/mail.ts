// roost mail list and roost mail show: the e-mails in the outbox.
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { createTokensFromConfig } from '../core/auth/tokens.ts'
import { createMail } from '../core/mail/mail.ts'
import { type ListedMail, listMail } from '../core/mail/outbox.ts'
import { type MailTemplates, renderMail } from '../core/mail/template.ts'
import type { Database } from '../core/postgres/database.ts'
import { type CommandContext, CommandError } from './context.ts'

interface ListOptions {
  readonly limit: string
  readonly json?: true
}

export function registerMail(program: Command, context: CommandContext): void {
  const mail = program
    .command('mail')
    .description('E-mails to people: sent by the worker with SMTP_URL, kept to be read here without it.')
  mail
    .command('list')
    .description('List the newest messages with their state: waiting, sent, failed or expired.')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'print JSON')
    .action((options: ListOptions) => list(context, options))
  mail
    .command('show')
    .description('Show a message. Its link is a secret: it is shown until the message is sent or the link expires.')
    .argument('<id>', 'of the list')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) => show(context, id, options))
}

async function list(context: CommandContext, { limit, json }: ListOptions): Promise<void> {
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new CommandError('--limit must be a whole number 1 to 10000')
  const found = await context.withStore(({ db }) => listMail(db, count))
  if (json) context.print(JSON.stringify(found.map(withoutSecret), null, 2))
  else if (found.length === 0) context.print('There are no messages.')
  else for (const message of found) context.print(lineOf(message))
}

const withoutSecret = ({ secret: _, ...message }: ListedMail) => message

function lineOf({ id, created_at, state, kind, to_address, attempts, last_error }: ListedMail): string {
  const trouble = last_error === null ? '' : `  ${last_error} (${attempts} attempts)`
  return `${id}  ${created_at}  ${state.padEnd(7)}  ${kind.padEnd(18)}  ${to_address}${trouble}`
}

async function show(context: CommandContext, id: string, { json }: { json?: true }): Promise<void> {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
    throw new CommandError(`${id} is not an id of roost mail list`)
  const { features } = await import('../features.ts')
  const templates: MailTemplates = Object.assign({}, ...features.map(({ mails }) => mails))
  await context.withStore(async ({ db }, config) => {
    const [message] = await listMail(db, 1, id)
    if (message === undefined) throw new CommandError(`there is no message ${id}: roost mail list`)
    const { subject, text } = await readable(db, message, templates, config)
    if (json) return context.print(JSON.stringify({ ...withoutSecret(message), subject, text }, null, 2))
    const { to_address, state, created_at } = message
    for (const line of [`To: ${to_address}`, `State: ${state}, added ${created_at}`, `Subject: ${subject}`, '', text])
      context.print(line)
  })
}

async function readable(
  db: Database,
  { id, kind, language, params, secret }: ListedMail,
  templates: MailTemplates,
  config: Config,
): Promise<{ readonly subject: string; readonly text: string }> {
  const template = templates[kind]
  if (template === undefined) return { subject: kind, text: 'This release does not know the kind of the message.' }
  const mail = createMail(config, createTokensFromConfig(config))
  const token = secret === null ? undefined : mail.open(id, secret)
  const { path } = template
  if (path === undefined) return renderMail(template, language, params, undefined)
  const notShown = (why: string) => renderMail(template, language, params, `[the link is not shown: ${why}]`)
  if (secret === null) return notShown('it was sent or has expired')
  if (token === undefined) return notShown('it was encrypted with another JWT_SECRET')
  if ((await template.isLinkValid?.(db, token)) === false) return notShown('it was used, replaced or revoked')
  return renderMail(template, language, params, mail.linkTo(path, token))
}
