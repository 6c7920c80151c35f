// The folder of the embedded database on disk: whose it is, who may read it, and files that are never half written.
import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { chmod, link, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The folder cannot be used. The message says why and what to do; `exit_code` is what a command ends with. */
export class DataDirError extends Error {
  readonly exit_code: 2 | 78
  constructor(message: string, exit_code: 2 | 78 = 2) {
    super(message)
    this.exit_code = exit_code
  }
}

/** Only the owner may enter, read or write. Windows has no such modes: there the folder inherits its parent's rights. */
const owner_only = 0o700
/** The rights of everybody else. */
export const others = 0o077

/** Makes the folder when it is missing and closes it to everybody else. Throws when it belongs to another user (78). */
export async function ownFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: owner_only }).catch(explainStorage(dir))
  const { uid, mode } = await stat(dir)
  const me = process.getuid?.()
  if (me !== undefined && uid !== me) {
    throw new DataDirError(
      `the folder ${dir} belongs to user ${uid} and this process runs as user ${me}: run as user ${uid}, or set DATA_DIR to a folder of its own (a new folder inside ${dir} is enough where others share it)`,
      78,
    )
  }
  if ((mode & others) !== 0) await chmod(dir, owner_only)
}

/** Takes every right of other users from what is in the folder. Returns how many entries had some. Follows no link. */
export function closeToOthers(dir: string): number {
  if (process.getuid === undefined) return 0
  let changed = 0
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = lstatSync(path)
    if ((mode & others) === 0) continue
    chmodSync(path, mode & owner_only)
    changed += 1
  }
  return changed
}

/**
 * Writes the file (mode 0600) unless there is one already. It appears complete or not at all, also when the disk is full
 * or the process is killed. Returns whether it was written.
 */
export async function writeOnce(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeThrough(draft, content)
    await link(draft, file)
    await syncFolder(dirname(file))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    return explainStorage(file)(error)
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeThrough(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What was made or removed in the folder outlives a power cut. Windows cannot open folders, and needs no such step. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  await handle.sync().finally(() => handle.close())
}

const storageProblems: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than allowed',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}

/** In words why the file system refused something; undefined for errors that have nothing to do with it. */
export function storageProblem(error: unknown): string | undefined {
  const code = codeOf(error)
  const words = code === undefined ? undefined : storageProblems[code]
  return words === undefined ? undefined : `${words} (${code})`
}

/** A handler for `catch`: says in one line what cannot be written and why. */
function explainStorage(path: string) {
  return (error: unknown): never => {
    const problem = storageProblem(error)
    if (problem === undefined) throw error
    throw new DataDirError(`cannot write ${path}: ${problem}`)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
