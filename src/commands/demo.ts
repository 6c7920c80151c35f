// roost demo: something to look at, for whoever tries it.
import type { Command } from 'commander'
import type { Database } from '../core/postgres/database.ts'
import type { CommandContext } from './context.ts'

export const demo_password = 'roost-demo'

/** Loaded by those who need it, with the features that make homes and bookings. */
export async function loadDemoInto(db: Database): Promise<string[]> {
  const { loadDemo } = await import('./demo-data.ts')
  return loadDemo(db, demo_password)
}

export function registerDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('Load the demo agencies alps and coast; does nothing where they exist.')
    .action(() =>
      context.withStore(async ({ db }) => {
        const made = await loadDemoInto(db)
        context.print(made.length > 0 ? `Loaded: ${made.join(', ')}.` : 'The demo agencies are there already.')
        context.print(`Sign in as <role>@alps.example or <role>@coast.example, password ${demo_password}.`)
      }),
    )
}
