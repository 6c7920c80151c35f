// Creates a scratch agency, runs work on it, and always removes it.
import type { MigrationConnection } from '../../../core/migrations/migrations.ts'
import type { Store } from '../../../store.ts'
import { type CommandContext, CommandError } from '../../context.ts'
import { createScratch, type Plan, type Scratch } from './creation.ts'
import { lockName, newRunId } from './naming.ts'
import { findLeftovers, removeRun } from './removal.ts'

/**
 * Removes leftovers of killed runs, creates the agencies of the plan, runs `work` and removes all rows again. SIGINT and
 * SIGTERM abort the signal that `work` receives; it should then throw `signal.reason` soon. A second SIGINT ends the process
 * at once, and the next run removes the rows. Throws CommandError without a connection of the schema owner.
 */
export async function withScratch<T>(
  context: CommandContext,
  store: Store,
  plan: Plan,
  work: (scratch: Scratch, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await removeLeftovers(context, store)
  const run = newRunId()
  const release = await lockRun(store, run)
  const interruption = abortOnSignal(context)
  try {
    const scratch = await createScratch(store.db, run, plan)
    context.note(`Created scratch agency verify-${run}.`)
    interruption.signal.throwIfAborted()
    return await work(scratch, interruption.signal)
  } finally {
    interruption.stop()
    // Released also when the removal fails: an open session keeps the process alive, and the next run could not remove the rows.
    await removeScratch(store, run).finally(release)
  }
}

async function removeScratch(store: Store, run: string): Promise<void> {
  try {
    await asOwner(store, (connection) => removeRun(connection, run))
  } catch (error) {
    throw new CommandError(
      `the scratch agency verify-${run} could not be removed (${(error as Error).message}): run again with --clean`,
    )
  }
}

/** Removes the rows of killed runs and prints their ids. Returns the number of runs. */
export async function removeLeftovers(context: CommandContext, store: Store): Promise<number> {
  return asOwner(store, async (connection) => {
    const runs = await findLeftovers(connection)
    for (const run of runs) {
      const rows = await removeRun(connection, run)
      context.note(`Removed the leftovers of an earlier run: verify-${run}, ${rows} rows.`)
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
  if (found === undefined) throw new CommandError('the database has no schema: roost migrate up')
  if (found.is_owner === true) return
  throw new CommandError(
    `verify removes its scratch agency as the schema owner, and ${found.login} is not the owner: ` +
      'set MIGRATION_DATABASE_URL to a connection of the owner (docs/configuration.md, "Roles")',
  )
}

/** Holds an advisory lock that marks this run as active. Not needed on the embedded database, which has one process. */
async function lockRun(store: Store, run: string): Promise<() => Promise<void>> {
  if (store.is_embedded) return async () => {}
  const connection = await store.connectOwner()
  try {
    await connection.query('select pg_advisory_lock(hashtextextended($1, 0))', [lockName(run)])
  } catch (error) {
    await connection.release(true)
    throw error
  }
  return async () => {
    // Fails when the session is lost, which has released the lock.
    await connection.query('select pg_advisory_unlock_all()').catch(() => {})
    await connection.release()
  }
}

function abortOnSignal(context: CommandContext): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM'] as const
  const stop = () => {
    for (const name of names) process.off(name, onSignal)
  }
  function onSignal(): void {
    stop()
    context.note('Stopping: removing the scratch agency ...')
    controller.abort(new CommandError('interrupted; the scratch agency was removed'))
  }
  for (const name of names) process.on(name, onSignal)
  return { signal: controller.signal, stop }
}
