// Connects `roost migrate` to the deployment's database.
import type { Command } from 'commander'
import { auditTenancy } from '../core/tenancy/audit.ts'
import { ownerTx } from '../core/tenancy/owner-tx.ts'
import { createMigratorFor, migrateUp, type Store } from '../store.ts'
import type { CommandContext } from './context.ts'
import { addMigrate } from './migrate-actions.ts'

const any_schema = { any_schema: true }

/** Adds `roost migrate`, on the store of `context`. Progress goes to stderr, results to stdout. */
export function registerMigrate(program: Command, context: CommandContext): void {
  addMigrate(program, {
    print: (line) => context.print(line),
    withMigrator: (fn) =>
      context.withStore((store) => {
        const note = (line: string) => context.note(line)
        const migrator = createMigratorFor(store, note)
        return fn({
          ...migrator,
          up: async (options = {}) => {
            const applied = await migrator.up(options)
            // A complete `up` also prepares the job queue, as the service does when it starts.
            if (options.to === undefined) {
              await migrateUp(store, note)
              await audit(context, store)
            }
            return applied
          },
        })
      }, any_schema),
  })
}

/** As the owner: before the first `up` the API's own role may not be allowed anything yet. */
async function audit(context: CommandContext, store: Store): Promise<void> {
  const { status, findings } = await ownerTx(store, (tx) => auditTenancy(tx, { is_embedded: store.is_embedded }))
  if (status === 'ok') return
  context.note('The tenancy audit has findings, and the service will not become ready:')
  const errors = findings.filter(({ severity }) => severity === 'error')
  for (const { rule, object, message } of errors) context.note(`  ${rule} ${object}: ${message}`)
  context.note('What to do: roost verify tenancy --explain. To undo the newest migration: roost migrate down')
  context.fail()
}
