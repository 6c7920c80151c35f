// Waits for the schema that a command needs, or applies it to the embedded database.
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { reasonOf } from '../core/error-reason.ts'
import { isLockHeld } from '../core/migrations/session.ts'
import { isTransient, readSchemaVersion } from '../core/schema-version.ts'
import { DatabaseUnavailableError } from '../core/server-errors.ts'
import { migrateUp, readNewestMigration, type Store } from '../store.ts'
import { type CommandContext, CommandError } from './context.ts'

const poll_ms = 200
const wait_limit_ms = 60_000

/**
 * Resolves when the schema is that of this version. The embedded database is migrated: no other process can do it. On a
 * server, waits up to a minute while another process migrates, and otherwise throws a CommandError with the next step.
 */
export async function requireSchema(
  context: Pick<CommandContext, 'note'>,
  store: Store,
  config: Config,
): Promise<void> {
  if (await isCurrent(store)) return
  if (store.is_embedded) {
    context.note(`Preparing the embedded database in ${resolve(config.data_dir)} ...`)
    await migrateUp(store)
    return
  }
  for (let waited_ms = 0; await isMigrating(store); waited_ms += poll_ms) {
    if (waited_ms === 0) context.note('Another process applies migrations: waiting for it ...')
    if (waited_ms >= wait_limit_ms) {
      throw new CommandError('another process has applied migrations for over a minute: run this again when it is done')
    }
    await delay(poll_ms)
  }
  if (await isCurrent(store)) return
  throw new CommandError(
    'the schema of the database is missing or older than this version. Apply it with: roost migrate up (a service that is just starting does it by itself: then run this again)',
  )
}

async function isCurrent(store: Store): Promise<boolean> {
  const newest = await readNewestMigration()
  try {
    const found = await readSchemaVersion(store.db)
    return found !== null && found >= newest
  } catch (error) {
    if (!isTransient(error)) return false
    throw error instanceof DatabaseUnavailableError ? await describeOutage(store, error) : error
  }
}

/** The error after several attempts does not say why they failed; the probe does. */
async function describeOutage(store: Store, error: Error): Promise<CommandError> {
  const reason = await store.probe().then(
    () => error,
    (cause) => cause,
  )
  return new CommandError(`the database cannot be reached: ${reasonOf(reason)}`)
}

async function isMigrating(store: Store): Promise<boolean> {
  const connection = await store.connectOwner()
  try {
    return await isLockHeld(connection)
  } finally {
    await connection.release()
  }
}
