// One migration file forwards or backwards: its statements and its ledger row are kept together or not at all.
import { fileFailed, statementFailed } from './error.ts'
import type { Migration, SqlFile } from './files.ts'
import { archive, findEndangered, refuseDestruction } from './guard.ts'
import { forgetApplied, recordApplied } from './ledger.ts'
import { inTransaction, type MigrationConnection, outsideTransaction, type Session } from './session.ts'

/** One file that was applied or undone. */
export interface Applied {
  readonly version: string
  readonly name: string
  readonly duration_ms: number
  /** Copies of the rows that undoing destroyed: archive.<table>_<time>. */
  readonly archived: readonly string[]
}

interface Step {
  readonly file: SqlFile
  readonly command: string
  /** Runs first, inside the transaction; again when the transaction is tried again. */
  readonly before?: () => Promise<void>
  /** Writes the ledger. */
  readonly after: () => Promise<void>
}

/** Runs the file and writes its ledger row. Throws a MigrationError that names file, line and next step. */
export async function applyMigration(session: Session, migration: Migration): Promise<Applied> {
  session.log(`applying ${migration.version} (${migration.name})`)
  const started = performance.now()
  await runStep(session, {
    file: migration,
    command: 'roost migrate up',
    after: () => recordApplied(session.connection, migration),
  })
  return applied(migration, started, [])
}

/** Runs the rollback and removes the ledger row. Rows it would destroy: refused, or copied to the schema archive first. */
export async function undoMigration(
  session: Session,
  migration: Migration,
  accept_data_loss: boolean,
): Promise<Applied> {
  const { rollback, version, name } = migration
  if (rollback === undefined) throw new Error(`${version} has no rollback`)
  session.log(`undoing ${version} (${name})`)
  const started = performance.now()
  let archived: string[] = []
  await runStep(session, {
    file: rollback,
    command: 'roost migrate down',
    before: async () => {
      const endangered = await findEndangered(session.connection, rollback.destroys)
      if (!accept_data_loss) refuseDestruction(endangered, [migration])
      archived = await archive(session.connection, endangered, version)
    },
    after: () => forgetApplied(session.connection, version),
  })
  return applied(migration, started, archived)
}

function applied({ version, name }: Migration, started: number, archived: readonly string[]): Applied {
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
      // The file may have changed role; ledger and session are the runner's own.
      await connection.query('reset role')
      await step.after()
    })
  } catch (error) {
    throw fileFailed(file, error, step.command)
  }
}

async function runStatements(connection: MigrationConnection, { file, command }: Step): Promise<void> {
  for (const statement of file.statements) {
    await connection.query(statement.text).catch((error: unknown) => {
      throw statementFailed(file.file, statement, error, command)
    })
  }
}

/** An interrupted CREATE INDEX CONCURRENTLY leaves an invalid index behind, which IF NOT EXISTS would then keep for good. */
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
