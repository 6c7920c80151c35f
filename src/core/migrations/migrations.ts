// Applies and undoes the SQL files of supabase/: one run at a time, each file in its own transaction with its ledger row.
import { setTimeout as delay } from 'node:timers/promises'
import type { Umzug } from 'umzug'
import { MigrationError } from './error.ts'
import { type Migration, readMigrations } from './files.ts'
import { findEndangered, refuseDestruction } from './guard.ts'
import {
  compare,
  fillChecksums,
  isLedgerIncomplete,
  type LedgerRow,
  type MigrationStatus,
  prepareLedger,
  readLedger,
  refuseDisagreement,
} from './ledger.ts'
import { lintMigration } from './lints.ts'
import { inTransaction, type MigrationConnection, type Session, withLock } from './session.ts'
import { type Applied, applyMigration, undoMigration } from './steps.ts'

export type { MigrationStatus } from './ledger.ts'
export type { MigrationConnection } from './session.ts'
export type { Applied } from './steps.ts'
// The interface of the runner in one place: callers need no other file of it.
export { MigrationError }

export interface MigratorOptions {
  /** Opens a session of its own; see MigrationConnection for what it must be. */
  connect(): Promise<MigrationConnection>
  readonly migrations_dir: string
  readonly rollbacks_dir: string
  /** Progress, one line at a time: what starts, what waits. */
  log?(line: string): void
  sleep?(ms: number): Promise<void>
}

export interface MigrationPlanStep {
  readonly version: string
  readonly name: string
  readonly statements: readonly string[]
  readonly warnings: readonly string[]
}

export interface Migrator {
  /** Every file and every ledger row, oldest first. Reads only. */
  status(): Promise<MigrationStatus[]>
  /** What `up` would do, with warnings. Reads only; throws what `up` would throw before it starts. */
  plan(): Promise<MigrationPlanStep[]>
  /** Applies pending files, up to and including version `to`. */
  up(options?: { to?: string | undefined }): Promise<Applied[]>
  /** Undoes the newest applied file, or all that are newer than version `to` ('0': all). */
  down(options?: { to?: string | undefined; accept_data_loss?: boolean | undefined }): Promise<Applied[]>
  /** Versions `up` would apply. Reads only. */
  pending(): Promise<string[]>
}

/** Files and ledger as this run found them, under the lock; `done` grows while it works. */
interface Run extends Session {
  readonly migrations: readonly Migration[]
  readonly applied: readonly string[]
  readonly accept_data_loss: boolean
  readonly done: Applied[]
}

/** Every failure is a MigrationError, except that the server cannot be reached at all. */
export function createMigrator(options: MigratorOptions): Migrator {
  const read = () => readMigrations(options.migrations_dir, options.rollbacks_dir)

  async function statuses(): Promise<{ migrations: Migration[]; all: MigrationStatus[] }> {
    const migrations = await read()
    const connection = await options.connect()
    let ledger: LedgerRow[] | undefined
    try {
      ledger = await readLedger(connection)
    } finally {
      await connection.release(ledger === undefined)
    }
    return { migrations, all: compare(migrations, ledger) }
  }

  async function locked(accept_data_loss: boolean, work: (run: Run) => Promise<void>): Promise<Applied[]> {
    const migrations = await read()
    const connection = await options.connect()
    const session: Session = { connection, log: options.log ?? (() => {}), sleep: options.sleep ?? ((ms) => delay(ms)) }
    const done: Applied[] = []
    await withLock(session, async () => {
      const applied = await agree(session, migrations)
      await work({ ...session, migrations, applied, accept_data_loss, done })
    })
    return done
  }

  return {
    status: async () => (await statuses()).all,
    pending: async () => isPending((await statuses()).all),
    plan: async () => {
      const { migrations, all } = await statuses()
      refuseDisagreement(all)
      const pending = isPending(all)
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
        if (to !== undefined) known(run, to)
        const wanted = run.migrations.filter(
          ({ version }) => !run.applied.includes(version) && version <= (to ?? version),
        )
        if (wanted.length > 0) await (await umzugOf(run)).up({ migrations: wanted.map(({ version }) => version) })
      }),
    down: ({ to, accept_data_loss = false } = {}) =>
      locked(accept_data_loss, async (run) => {
        const wanted = toUndo(run, to)
        await refuseUnsafeUndoing(run, wanted)
        if (wanted.length > 0) await (await umzugOf(run)).down({ migrations: wanted.map(({ version }) => version) })
      }),
  }
}

const isPending = (all: readonly MigrationStatus[]) =>
  all.filter(({ state }) => state === 'pending' || state === 'out_of_order').map(({ version }) => version)

/** Brings the ledger into shape and returns the applied versions, or refuses when files and database disagree. */
async function agree(session: Session, migrations: readonly Migration[]): Promise<string[]> {
  const { connection } = session
  if (await isLedgerIncomplete(connection)) {
    await inTransaction(session, 'supabase_migrations.schema_migrations', () => prepareLedger(connection))
  }
  const ledger = await readLedger(connection)
  refuseDisagreement(compare(migrations, ledger))
  await fillChecksums(connection, migrations, ledger)
  return ledger.map(({ version }) => version)
}

function known(run: Run, version: string): void {
  if (run.migrations.some((migration) => migration.version === version)) return
  throw new MigrationError('usage', `there is no migration ${version}. List them with: roost migrate status`)
}

/** Newest first. */
function toUndo({ migrations, applied, ...run }: Run, to: string | undefined): Migration[] {
  const undoable = migrations.filter(({ version }) => applied.includes(version)).toReversed()
  if (to === undefined) return undoable.slice(0, 1)
  if (to !== '0' && !applied.includes(to)) {
    known({ migrations, applied, ...run }, to)
    throw new MigrationError(
      'usage',
      `${to} is not applied, so nothing can be undone down to it. See: roost migrate status`,
    )
  }
  return undoable.filter(({ version }) => version > to)
}

/** Looks at all of them before the first is undone, so that a refusal leaves the database where it was. */
async function refuseUnsafeUndoing(run: Run, wanted: readonly Migration[]): Promise<void> {
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
  await inTransaction(run, 'looking for rows', async () => {
    refuseDestruction(await findEndangered(run.connection, tables), wanted)
  })
}

/** Umzug keeps names and order. It would log after a file has run, too late: the row is written in the file's own transaction. */
async function umzugOf(run: Run): Promise<Pick<Umzug, 'up' | 'down'>> {
  // Loaded when there is work: a start that finds the database current need not pay for it.
  const { Umzug, MigrationError: UmzugError } = await import('umzug')
  const umzug = new Umzug({
    logger: undefined,
    migrations: run.migrations.map((migration) => ({
      name: migration.version,
      path: migration.path,
      up: async () => run.done.push(await applyMigration(run, migration)),
      down: async () => run.done.push(await undoMigration(run, migration, run.accept_data_loss)),
    })),
    storage: {
      executed: async () => (await readLedger(run.connection)).map(({ version }) => version),
      logMigration: async () => {},
      unlogMigration: async () => {},
    },
  })
  const unwrap = (error: unknown): never => {
    throw error instanceof UmzugError ? error.cause : error
  }
  return { up: (options) => umzug.up(options).catch(unwrap), down: (options) => umzug.down(options).catch(unwrap) }
}
