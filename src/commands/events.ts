// roost events: the events that a subscriber could not handle.
import type { Command } from 'commander'
import { type ListedAgency, listAgencies } from '../core/agency-list.ts'
import { type DeadLetter, listDeadLetters, retryDeadLetters } from '../core/events/delivery.ts'
import type { Database } from '../core/postgres/database.ts'
import { type CommandContext, CommandError } from './context.ts'

interface Options {
  readonly agency?: string
  readonly subscriber?: string
  readonly json?: true
}

export function registerEvents(program: Command, context: CommandContext): void {
  const events = program
    .command('events')
    .description('Events that a subscriber could not handle after several attempts (dead letters).')
  events
    .command('list')
    .description('List them with the code of the last error. Exit code 1 when there are any.')
    .option('--agency <slug>', 'of this agency only')
    .option('--json', 'print JSON')
    .action((options: Options) => list(context, options))
  events
    .command('retry')
    .description('Let the worker deliver them again, within half a minute. One that fails again stays in the list.')
    .option('--agency <slug>', 'of this agency only')
    .option('--subscriber <name>', 'of this subscriber only')
    .action((options: Options) => retry(context, options))
}

async function list(context: CommandContext, { agency, json }: Options): Promise<void> {
  const found = await context.withStore(async ({ db }) => {
    const letters: (DeadLetter & { readonly agency: string })[] = []
    for (const { id, slug } of await select(db, agency)) {
      letters.push(...(await listDeadLetters(db, id)).map((letter) => ({ agency: slug, ...letter })))
    }
    return letters
  })
  if (json) context.print(JSON.stringify(found, null, 2))
  else if (found.length === 0) context.print('There are none.')
  else for (const letter of found) context.print(lineOf(letter))
  if (found.length > 0) context.fail()
}

function lineOf({
  agency,
  subscriber,
  seq,
  failures,
  last_error,
  failed_at,
  retry_at,
}: DeadLetter & { agency: string }) {
  const state = retry_at === null ? '' : ', will be tried again'
  return `${agency} ${subscriber} event ${seq}: ${last_error} after ${failures} attempts, since ${failed_at}${state}`
}

async function retry(context: CommandContext, { agency, subscriber }: Options): Promise<void> {
  const count = await context.withStore(async ({ db }) => {
    let sum = 0
    for (const { id } of await select(db, agency)) sum += await retryDeadLetters(db, id, subscriber ?? null)
    return sum
  })
  context.print(`${count} will be delivered again by the worker.`)
}

async function select(db: Database, slug: string | undefined): Promise<readonly ListedAgency[]> {
  const all = await listAgencies(db)
  const wanted = slug === undefined ? all : all.filter((agency) => agency.slug === slug)
  if (wanted.length === 0 && slug !== undefined) throw new CommandError(`no agency has the slug ${slug}`)
  return wanted
}
