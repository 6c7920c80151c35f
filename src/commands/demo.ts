// roost demo: loads the demo agencies.
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { createMedia } from '../core/media/media.ts'
import type { Database } from '../core/postgres/database.ts'
import type { CommandContext } from './context.ts'

export const demo_password = 'roost-demo'
export const demo_admins = ['admin@alps.example', 'admin@coast.example']

/** Imports the demo data on demand, so that other commands start faster. Returns the slugs of the new agencies. */
export async function loadDemoData(db: Database, config: Config): Promise<string[]> {
  const { createDemoAgencies } = await import('./demo/agencies.ts')
  return createDemoAgencies({ db, media: createMedia(config) }, demo_password)
}

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('Load the demo agencies alps and coast. Existing ones are not changed.')
    .action(() =>
      context.withStore(async ({ db }, config) => {
        const created = await loadDemoData(db, config)
        context.print(created.length > 0 ? `Loaded: ${created.join(', ')}.` : 'The demo agencies exist already.')
        context.print(`Sign in as <role>@alps.example or <role>@coast.example, password ${demo_password}.`)
      }),
    )
}
