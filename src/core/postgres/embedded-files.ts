// File access of the embedded database, its errors, and the exit of the process when it cannot go on.
import { existsSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PGlite, PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { DataDirError, describeStorageError, fsyncFolder, other_users_bits, writeIfMissing } from './data-folder.ts'

/** The last error of the file system, as a sentence. */
interface FileErrors {
  last: string | undefined
}

export interface EmbeddedFiles {
  readonly fs: NonNullable<PGliteOptions['fs']>
  readonly errors: FileErrors
}

/** The database files in `folder`. Records errors of the file system, which PGlite does not report. */
export function openFileSystem(folder: string): EmbeddedFiles {
  const errors: FileErrors = { last: undefined }
  const fs = new NodeFS(folder)
  const init = fs.init.bind(fs)
  fs.init = async (pglite, options) => {
    const ready = await init(pglite, options)
    const preRun = [ready.emscriptenOpts.preRun ?? []].flat()
    ready.emscriptenOpts.preRun = [
      ...preRun,
      (module) => patchNodeFs((module as unknown as NodeFsModule).NODEFS, errors),
    ]
    return ready
  }
  return { fs, errors }
}

interface Attributes {
  readonly mode?: number
}

/** The functions of Emscripten that every file operation and every change of a file mode calls. */
interface NodeFsModule {
  readonly NODEFS: {
    tryFSOperation<T>(operation: () => T): T
    doSetAttr(file: unknown, node: unknown, attributes: Attributes, ...how: unknown[]): void
  }
}

function patchNodeFs(nodefs: NodeFsModule['NODEFS'], errors: FileErrors): void {
  const { tryFSOperation, doSetAttr } = nodefs
  nodefs.tryFSOperation = (operation) =>
    tryFSOperation(() => {
      try {
        return operation()
      } catch (error) {
        errors.last = describeStorageError(error) ?? errors.last
        throw error
      }
    })
  // Emscripten sets the mode of a new file after creating it and ignores the umask of the process.
  nodefs.doSetAttr = (file, node, attributes, ...how) => {
    const { mode } = attributes
    doSetAttr(file, node, mode === undefined ? attributes : { ...attributes, mode: mode & ~other_users_bits }, ...how)
  }
}

/**
 * Exits the process when the embedded database has stopped. PostgreSQL panics when it cannot write its log; PGlite would then
 * repeat the same statement in an endless loop that blocks signals. Every acknowledged change is in the log.
 */
export function exitWhenDatabaseStops(pglite: PGlite, where: string, errors: FileErrors): void {
  const module = pglite.Module as unknown as { _PostgresMainLoopOnce(): void }
  const { POSTGRES_MAIN_LONGJMP: statement_failed } = pglite as unknown as { POSTGRES_MAIN_LONGJMP: number }
  const runOnce = module._PostgresMainLoopOnce
  module._PostgresMainLoopOnce = () => {
    errors.last = undefined
    try {
      runOnce()
    } catch (error) {
      // This status is an ordinary error of a statement. Any other one means that the database has stopped.
      if ((error as { status?: number }).status === statement_failed) throw error
      writeSync(2, `${exitMessage(where, errors, error)}\n`)
      process.exit(2)
    }
  }
}

/** One line for the operator: what has stopped, why, and what to do. */
function exitMessage(where: string, { last }: FileErrors, error: unknown): string {
  const reason = last ?? (error as Error).message
  const advice =
    last === undefined
      ? 'Start again, and report the error if it occurs again.'
      : 'Free disk space or repair the disk, then start again.'
  return `the embedded database ${where} cannot go on: ${reason}. Every acknowledged change is kept. ${advice}`
}

/** The error of a failed start: a DataDirError when the file system was the reason. */
export function startupError(where: string, reason: string | undefined, error: unknown): unknown {
  if (reason === undefined) return error
  return new DataDirError(
    `the embedded database ${where} cannot start: ${reason}. Every acknowledged change is kept. Free disk space or repair the disk, then start again.`,
  )
}

/**
 * Runs `create`, which initialises the database in `folder` if it is new. A database whose initialisation was interrupted
 * (full disk, killed process) is deleted and created again: it contains no data.
 */
export async function initialiseOnce<T>(dir: string, folder: string, create: () => Promise<T>): Promise<T> {
  const unfinished = join(dir, 'unfinished')
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true })
  else if (existsSync(folder)) return create()
  else await writeIfMissing(unfinished, 'The database in this folder is being created.\n')
  const database = await create()
  await rm(unfinished, { force: true })
  await fsyncFolder(dir)
  return database
}
