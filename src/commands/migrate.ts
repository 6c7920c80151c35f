// Connects `roost migrate` to the deployment's database.
import type { Command } from 'commander'
import { migrateUp, migratorOf } from '../store.ts'
import type { CommandContext } from './context.ts'
import { addMigrate } from './migrate-actions.ts'

/** Adds `roost migrate`, on the store of `context`. Progress goes to stderr, results to stdout. */
export function registerMigrate(program: Command, context: CommandContext): void {
  addMigrate(program, {
    print: (line) => context.print(line),
    withMigrator: (fn) =>
      context.withStore((store) => {
        const note = (line: string) => context.note(line)
        const migrator = migratorOf(store, note)
        return fn({
          ...migrator,
          up: async (options = {}) => {
            const applied = await migrator.up(options)
            // A complete `up` also prepares the job queue, as the service does when it starts.
            if (options.to === undefined) await migrateUp(store, note)
            return applied
          },
        })
      }),
  })
}
