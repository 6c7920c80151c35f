// The life of a scratch agency: made in the deployment's database, used, and removed again whatever happens.
import type { MigrationConnection } from '../../../core/migrations/migrations.ts'
import type { Store } from '../../../store.ts'
import { type CommandContext, CommandError } from '../../context.ts'
import { makeScratch, type Plan, type Scratch } from './making.ts'
import { lockOf, newRun } from './marks.ts'
import { leftOvers, removeRun } from './removal.ts'

/**
 * Removes what killed runs have left, makes the agencies of the plan, runs `work`, and removes every row of it. Ctrl+C
 * and SIGTERM abort the signal `work` is given: it should end soon, by throwing `signal.reason`. A second Ctrl+C ends
 * the process at once; the next run removes what that leaves. Throws CommandError when there is no connection of the
 * schema's owner.
 */
export async function withScratch<T>(
  context: CommandContext,
  store: Store,
  plan: Plan,
  work: (scratch: Scratch, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await removeLeftOvers(context, store)
  const run = newRun()
  const release = await occupy(store, run)
  const interruption = heedSignals(context)
  try {
    const scratch = await makeScratch(store.db, run, plan)
    context.note(`The scratch agency is verify-${run}.`)
    interruption.signal.throwIfAborted()
    return await work(scratch, interruption.signal)
  } finally {
    interruption.stop()
    await asOwner(store, (connection) => removeRun(connection, run)).catch((error: Error) => {
      throw new CommandError(
        `the scratch agency verify-${run} is still there (${error.message}): run again with --clean`,
      )
    })
    await release()
  }
}

/** Removes what runs that were killed have left, and says so. Returns how many runs that were. */
export async function removeLeftOvers(context: CommandContext, store: Store): Promise<number> {
  return asOwner(store, async (connection) => {
    const runs = await leftOvers(connection)
    for (const run of runs) {
      const rows = await removeRun(connection, run)
      context.note(`Removed what an earlier run had left: verify-${run}, ${rows} rows.`)
    }
    return runs.length
  })
}

async function asOwner<T>(store: Store, work: (connection: MigrationConnection) => Promise<T>): Promise<T> {
  const connection = await store.connectOwner()
  try {
    await requireOwner(connection)
    return await work(connection)
  } finally {
    await connection.release()
  }
}

async function requireOwner(connection: MigrationConnection): Promise<void> {
  const { rows } = await connection.query(`
    select current_user as login, pg_has_role(current_user, c.relowner, 'usage') as is_owner
    from pg_class c where c.oid = to_regclass('public.agencies')`)
  const [found] = rows
  if (found === undefined) throw new CommandError('the database has no schema yet: roost migrate up')
  if (found.is_owner === true) return
  throw new CommandError(
    `verify removes its scratch agency as the owner of the schema, and ${found.login} is not: ` +
      'set MIGRATION_DATABASE_URL to the connection of the owner (docs/configuration.md, "Roles")',
  )
}

/** Says to other runs that this one lives. The embedded database has one process, so nobody to tell. */
async function occupy(store: Store, run: string): Promise<() => Promise<void>> {
  if (store.is_embedded) return async () => {}
  const connection = await store.connectOwner()
  await connection.query('select pg_advisory_lock(hashtextextended($1, 0))', [lockOf(run)])
  return async () => {
    // Already gone with the session when that broke.
    await connection.query('select pg_advisory_unlock_all()').catch(() => {})
    await connection.release()
  }
}

function heedSignals(context: CommandContext): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM'] as const
  const stop = () => {
    for (const name of names) process.off(name, heard)
  }
  function heard(): void {
    stop()
    context.note('Stopping: the scratch agency is removed first.')
    controller.abort(new CommandError('interrupted; nothing is left in the database'))
  }
  for (const name of names) process.on(name, heard)
  return { signal: controller.signal, stop }
}
