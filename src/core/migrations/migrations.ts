// Applies and rolls back the SQL files of supabase/, one run at a time.
import { setTimeout as delay } from 'node:timers/promises'
import { findTablesWithRows, refuseDataLoss } from './data-loss.ts'
import { MigrationError } from './error.ts'
import { type Migration, readMigrations } from './files.ts'
import {
  compare,
  fillChecksums,
  type HistoryRow,
  isHistoryIncomplete,
  type MigrationStatus,
  prepareHistory,
  readHistory,
  requireMatchingHistory,
} from './history.ts'
import { lintMigration } from './lints.ts'
import { inTransaction, type MigrationConnection, type Session, withLock } from './session.ts'
import { type Applied, applyMigration, rollBackMigration } from './steps.ts'

export type { MigrationConnection } from './session.ts'
// Callers import from this file only.
export { MigrationError }

export interface MigratorOptions {
  /** Opens a new session; see MigrationConnection for its requirements. */
  connect(): Promise<MigrationConnection>
  readonly migrations_dir: string
  readonly rollbacks_dir: string
  /** Receives progress, one line per call. */
  log?(line: string): void
  sleep?(ms: number): Promise<void>
}

interface MigrationPlanStep {
  readonly version: string
  readonly name: string
  readonly statements: readonly string[]
  readonly warnings: readonly string[]
}

export interface Migrator {
  /** Every file and every history row, oldest first. Reads only. */
  status(): Promise<MigrationStatus[]>
  /** What `up` would do, with warnings. Reads only. Throws what `up` would throw before it starts. */
  plan(): Promise<MigrationPlanStep[]>
  /** Applies pending files, up to and including version `to`. */
  up(options?: { to?: string | undefined }): Promise<Applied[]>
  /** Rolls back the newest applied migration, or all that are newer than version `to` ('0': all). */
  down(options?: { to?: string | undefined; accept_data_loss?: boolean | undefined }): Promise<Applied[]>
  /** Versions `up` would apply. Reads only. */
  pending(): Promise<string[]>
}

/** A run under the lock: files and history as they were at its start. `done` grows during the run. */
interface Run extends Session {
  readonly migrations: readonly Migration[]
  readonly applied: readonly string[]
  readonly accept_data_loss: boolean
  readonly done: Applied[]
}

/** Every failure is a MigrationError, except a failure to connect. */
export function createMigrator(options: MigratorOptions): Migrator {
  const read = () => readMigrations(options.migrations_dir, options.rollbacks_dir)

  async function statuses(): Promise<{ migrations: Migration[]; all: MigrationStatus[] }> {
    const migrations = await read()
    const connection = await options.connect()
    let history: HistoryRow[] | undefined
    try {
      history = await readHistory(connection)
    } finally {
      await connection.release(history === undefined)
    }
    return { migrations, all: compare(migrations, history) }
  }

  async function locked(accept_data_loss: boolean, work: (run: Run) => Promise<void>): Promise<Applied[]> {
    const migrations = await read()
    const connection = await options.connect()
    const session: Session = { connection, log: options.log ?? (() => {}), sleep: options.sleep ?? ((ms) => delay(ms)) }
    const done: Applied[] = []
    await withLock(session, async () => {
      const applied = await prepare(session, migrations)
      await work({ ...session, migrations, applied, accept_data_loss, done })
    })
    return done
  }

  return {
    status: async () => (await statuses()).all,
    pending: async () => pendingVersions((await statuses()).all),
    plan: async () => {
      const { migrations, all } = await statuses()
      requireMatchingHistory(all)
      const pending = pendingVersions(all)
      return migrations
        .filter(({ version }) => pending.includes(version))
        .map((migration) => ({
          version: migration.version,
          name: migration.name,
          statements: migration.statements.map(({ text }) => text),
          warnings: lintMigration(migration),
        }))
    },
    up: ({ to } = {}) =>
      locked(false, async (run) => {
        if (to !== undefined) requireKnown(run, to)
        const wanted = run.migrations.filter(
          ({ version }) => !run.applied.includes(version) && version <= (to ?? version),
        )
        for (const migration of wanted) run.done.push(await applyMigration(run, migration))
      }),
    down: ({ to, accept_data_loss = false } = {}) =>
      locked(accept_data_loss, async (run) => {
        const wanted = selectRollbacks(run, to)
        await requireSafeRollbacks(run, wanted)
        for (const migration of wanted) run.done.push(await rollBackMigration(run, migration, run.accept_data_loss))
      }),
  }
}

const pendingVersions = (all: readonly MigrationStatus[]) =>
  all.filter(({ state }) => state === 'pending' || state === 'out_of_order').map(({ version }) => version)

/** Creates or updates the history table. Returns the applied versions. Throws when files and history disagree. */
async function prepare(session: Session, migrations: readonly Migration[]): Promise<string[]> {
  const { connection } = session
  if (await isHistoryIncomplete(connection)) {
    await inTransaction(session, 'supabase_migrations.schema_migrations', () => prepareHistory(connection))
  }
  const history = await readHistory(connection)
  requireMatchingHistory(compare(migrations, history))
  await fillChecksums(connection, migrations, history)
  return history.map(({ version }) => version)
}

function requireKnown(run: Run, version: string): void {
  if (run.migrations.some((migration) => migration.version === version)) return
  throw new MigrationError('usage', `there is no migration ${version}. List them with: roost migrate status`)
}

/** Newest first. */
function selectRollbacks({ migrations, applied, ...run }: Run, to: string | undefined): Migration[] {
  const applied_newest_first = migrations.filter(({ version }) => applied.includes(version)).toReversed()
  if (to === undefined) return applied_newest_first.slice(0, 1)
  if (to !== '0' && !applied.includes(to)) {
    requireKnown({ migrations, applied, ...run }, to)
    throw new MigrationError(
      'usage',
      `${to} is not applied, so there is nothing to roll back to. See: roost migrate status`,
    )
  }
  return applied_newest_first.filter(({ version }) => version > to)
}

/** Checks all rollbacks before the first one runs, so that a refusal changes nothing. */
async function requireSafeRollbacks(run: Run, wanted: readonly Migration[]): Promise<void> {
  const without = wanted.find(({ rollback }) => rollback === undefined)
  if (without !== undefined) {
    throw new MigrationError(
      'files',
      `${without.file} has no rollback. Write it as rollbacks/${without.version}_${without.name}.sql`,
    )
  }
  if (run.accept_data_loss) return
  const tables = wanted.flatMap(({ rollback }) => rollback?.destroys ?? [])
  if (tables.length === 0) return
  await inTransaction(run, 'checking for rows', async () => {
    refuseDataLoss(await findTablesWithRows(run.connection, tables), wanted)
  })
}
