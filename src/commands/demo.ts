// roost demo: loads the demo agencies.
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { createMedia } from '../core/media/media.ts'
import type { Database } from '../core/postgres/database.ts'
import { type CommandContext, CommandError } from './context.ts'
import type { DemoOptions } from './demo/agencies.ts'
import { startProgress } from './progress.ts'

export const demo_password = 'roost-demo'
export const demo_admins = ['admin@alps.example', 'admin@coast.example']

type Options = Pick<DemoOptions, 'num_homes' | 'onProgress'>

/** Imports the demo data on demand, so that other commands start faster. Returns the slugs of the new agencies. */
export async function loadDemoData(db: Database, config: Config, options: Options = {}): Promise<string[]> {
  const { createDemoAgencies } = await import('./demo/agencies.ts')
  return createDemoAgencies({ db, media: createMedia(config) }, { password: demo_password, ...options })
}

const most_homes = 5000

function parseHomes(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= most_homes) return number
  throw new CommandError(`--homes must be a number from 1 to ${most_homes}`)
}

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('Load the demo agencies alps and coast. Existing ones are not changed.')
    .option(
      '--homes <number>',
      'also load the agency portfolio with so many homes, for a look at Roost with many',
      parseHomes,
    )
    .action(({ homes }: { homes?: number }) =>
      context.withStore(async ({ db }, config) => {
        const progress = startProgress(context, 'Homes')
        const options = { num_homes: homes, onProgress: progress.update }
        const created = await loadDemoData(db, config, options).finally(progress.stop)
        context.print(created.length > 0 ? `Loaded: ${created.join(', ')}.` : 'The demo agencies exist already.')
        const slugs = ['alps', 'coast', ...(homes === undefined ? [] : ['portfolio'])]
        context.print(`Sign in as <role>@${slugs.join('.example or <role>@')}.example, password ${demo_password}.`)
      }),
    )
}
