// How the embedded database reaches its files, and its end when it cannot go on: one line, and the process exits.
import { existsSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PGlite, PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { DataDirError, others, storageProblem, syncFolder, writeOnce } from './data-folder.ts'

/** What the file system refused last, in words, with the file. */
interface Trouble {
  last: string | undefined
}

export interface EmbeddedFiles {
  readonly fs: NonNullable<PGliteOptions['fs']>
  readonly trouble: Trouble
}

/** The database's files in `folder`. Remembers what the file system refused, which PGlite itself does not say. */
export function filesIn(folder: string): EmbeddedFiles {
  const trouble: Trouble = { last: undefined }
  const fs = new NodeFS(folder)
  const init = fs.init.bind(fs)
  fs.init = async (pglite, options) => {
    const ready = await init(pglite, options)
    const preRun = [ready.emscriptenOpts.preRun ?? []].flat()
    ready.emscriptenOpts.preRun = [...preRun, (module) => watch((module as unknown as NodeFsModule).NODEFS, trouble)]
    return ready
  }
  return { fs, trouble }
}

interface Attributes {
  readonly mode?: number
}

/** The two parts of Emscripten through which every call of the file system goes, and every change of a mode. */
interface NodeFsModule {
  readonly NODEFS: {
    tryFSOperation<T>(operation: () => T): T
    doSetAttr(file: unknown, node: unknown, attributes: Attributes, ...how: unknown[]): void
  }
}

function watch(nodefs: NodeFsModule['NODEFS'], trouble: Trouble): void {
  const { tryFSOperation, doSetAttr } = nodefs
  nodefs.tryFSOperation = (operation) =>
    tryFSOperation(() => {
      try {
        return operation()
      } catch (error) {
        trouble.last = storageProblem(error) ?? trouble.last
        throw error
      }
    })
  // Emscripten sets the mode of a new file after making it, past the umask of the process.
  nodefs.doSetAttr = (file, node, attributes, ...how) => {
    const { mode } = attributes
    doSetAttr(file, node, mode === undefined ? attributes : { ...attributes, mode: mode & ~others }, ...how)
  }
}

/**
 * Ends the process when the database inside has ended. PostgreSQL gives up (PANIC) when it cannot write its log; PGlite then
 * runs the same statement again without end, and no signal is heard. Everything that was acknowledged is in the log.
 */
export function endWithDatabase(pglite: PGlite, where: string, trouble: Trouble): void {
  const module = pglite.Module as unknown as { _PostgresMainLoopOnce(): void }
  const { POSTGRES_MAIN_LONGJMP: statement_failed } = pglite as unknown as { POSTGRES_MAIN_LONGJMP: number }
  const runOnce = module._PostgresMainLoopOnce
  module._PostgresMainLoopOnce = () => {
    trouble.last = undefined
    try {
      runOnce()
    } catch (error) {
      // PGlite reports an ordinary error of a statement so. Everything else is the end of the database.
      if ((error as { status?: number }).status === statement_failed) throw error
      writeSync(2, `${hasEnded(where, trouble, error)}\n`)
      process.exit(2)
    }
  }
}

/** One line for the person: what has ended, why, and what to do. */
function hasEnded(where: string, { last }: Trouble, error: unknown): string {
  const why = last ?? (error as Error).message
  const advice =
    last === undefined ? 'Start again; report it if it comes back.' : 'Make room or repair it, then start again.'
  return `the embedded database ${where} cannot go on: ${why}. Every acknowledged change is kept. ${advice}`
}

/** What `create` could not do, in one line when the file system was the reason. */
export function cannotStart(where: string, trouble: string | undefined, error: unknown): unknown {
  if (trouble === undefined) return error
  return new DataDirError(
    `the embedded database ${where} cannot start: ${trouble}. Every acknowledged change is kept. Make room or repair it, then start again.`,
  )
}

/**
 * Runs `make`, which fills `folder` when it is new. A database that was not made to its end (full disk, killed process) is
 * thrown away and made again: nobody has used it.
 */
export async function madeWhole<T>(dir: string, folder: string, make: () => Promise<T>): Promise<T> {
  const unfinished = join(dir, 'unfinished')
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true })
  else if (existsSync(folder)) return make()
  else await writeOnce(unfinished, 'The database beside this file is being made for the first time.\n')
  const made = await make()
  await rm(unfinished, { force: true })
  await syncFolder(dir)
  return made
}
