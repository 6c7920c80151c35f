// Runs one migration or rollback file together with its history row.

import { archive, findTablesWithRows, refuseDataLoss } from './data-loss.ts'
import { createFileError, createStatementError } from './error.ts'
import type { Migration, SqlFile } from './files.ts'
import { deleteApplied, recordApplied } from './history.ts'
import { inTransaction, type MigrationConnection, outsideTransaction, type Session } from './session.ts'

/** A migration that was applied or rolled back. */
export interface Applied {
  readonly version: string
  readonly name: string
  readonly duration_ms: number
  /** Copies of the rows that the rollback deleted: archive.<table>_<time>. */
  readonly archived: readonly string[]
}

interface Step {
  readonly file: SqlFile
  readonly command: string
  /** Runs first in the transaction, and again when the transaction is retried. */
  readonly before?: () => Promise<void>
  /** Writes the history. */
  readonly after: () => Promise<void>
}

/** Runs the file and writes its history row. Throws a MigrationError with file, line and next step. */
export async function applyMigration(session: Session, migration: Migration): Promise<Applied> {
  session.log(`applying ${migration.version} (${migration.name})`)
  const started = performance.now()
  await runStep(session, {
    file: migration,
    command: 'roost migrate up',
    after: () => recordApplied(session.connection, migration),
  })
  return createResult(migration, started, [])
}

/** Runs the rollback and deletes the history row. Refuses to lose rows, or copies them to the schema archive first. */
export async function rollBackMigration(
  session: Session,
  migration: Migration,
  accept_data_loss: boolean,
): Promise<Applied> {
  const { rollback, version, name } = migration
  if (rollback === undefined) throw new Error(`${version} has no rollback`)
  session.log(`rolling back ${version} (${name})`)
  const started = performance.now()
  let archived: string[] = []
  await runStep(session, {
    file: rollback,
    command: 'roost migrate down',
    before: async () => {
      const tables = await findTablesWithRows(session.connection, rollback.destroys)
      if (!accept_data_loss) refuseDataLoss(tables, [migration])
      archived = await archive(session.connection, tables, version)
    },
    after: () => deleteApplied(session.connection, version),
  })
  return createResult(migration, started, archived)
}

function createResult({ version, name }: Migration, started: number, archived: readonly string[]): Applied {
  return { version, name, duration_ms: Math.round(performance.now() - started), archived }
}

async function runStep(session: Session, step: Step): Promise<void> {
  const { connection } = session
  const { file } = step.file
  try {
    if (!step.file.is_transactional) {
      await outsideTransaction(session, () => runConcurrently(connection, step))
      await inTransaction(session, file, step.after)
      return
    }
    await inTransaction(session, file, async () => {
      await step.before?.()
      await runStatements(connection, step)
      // The file may have changed the role.
      await connection.query('reset role')
      await step.after()
    })
  } catch (error) {
    throw createFileError(file, error, step.command)
  }
}

async function runStatements(connection: MigrationConnection, { file, command }: Step): Promise<void> {
  for (const statement of file.statements) {
    await connection.query(statement.text).catch((error: unknown) => {
      throw createStatementError(file.file, statement, error, command)
    })
  }
}

/** Drops an invalid index of an interrupted CREATE INDEX CONCURRENTLY: IF NOT EXISTS would keep it. */
async function runConcurrently(connection: MigrationConnection, step: Step): Promise<void> {
  const created = /^create (?:unique )?index concurrently if not exists (\w+) on (?:only )?([\w.]+)/.exec(
    step.file.statements[0]?.bare ?? '',
  )
  if (created !== null) {
    const { rows } = await connection.query(
      `select i.indexrelid::regclass::text as name from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       where i.indrelid = to_regclass($2) and c.relname = $1 and not i.indisvalid`,
      [created[1], created[2]],
    )
    for (const { name } of rows) await connection.query(`drop index concurrently if exists ${String(name)}`)
  }
  await runStatements(connection, step)
}
