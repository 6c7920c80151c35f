// The data folder of the embedded database: its owner, its file modes, and atomic writes of files.
import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { chmod, link, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The folder cannot be used. The message says why and what to do; `exit_code` is the exit code of the command. */
export class DataDirError extends Error {
  readonly exit_code: 2 | 78
  constructor(message: string, exit_code: 2 | 78 = 2) {
    super(message)
    this.exit_code = exit_code
  }
}

/** Windows has no file modes: there the folder inherits the permissions of its parent. */
const owner_mode = 0o700
/** The mode bits of the group and of other users. */
export const other_users_bits = 0o077

/** Creates the folder if it is missing, with mode 0700. Throws DataDirError (78) when it belongs to another user. */
export async function createPrivateFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: owner_mode }).catch(rethrowStorageError(dir))
  const { uid, mode } = await stat(dir)
  const me = process.getuid?.()
  if (me !== undefined && uid !== me) {
    throw new DataDirError(
      `the folder ${dir} belongs to user ${uid} and this process runs as user ${me}: run as user ${uid}, or set DATA_DIR to a folder of its own (a new folder inside ${dir} is enough where others share it)`,
      78,
    )
  }
  if ((mode & other_users_bits) !== 0) await chmod(dir, owner_mode)
}

/** Removes the rights of other users from all entries of the folder. Follows no links. Returns how many entries changed. */
export function removeOtherUsersRights(dir: string): number {
  if (process.getuid === undefined) return 0
  let changed = 0
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = lstatSync(path)
    if ((mode & other_users_bits) === 0) continue
    chmodSync(path, mode & owner_mode)
    changed += 1
  }
  return changed
}

/**
 * Writes the file (mode 0600) unless it exists. The write is atomic, also when the disk is full or the process is killed.
 * Returns whether the file was written.
 */
export async function writeIfMissing(file: string, content: string): Promise<boolean> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeSynced(temporary, content)
    await link(temporary, file)
    await fsyncFolder(dirname(file))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    return rethrowStorageError(file)(error)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeSynced(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes created and removed entries of the folder durable (fsync). Windows cannot open folders and does not need it. */
export async function fsyncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  await handle.sync().finally(() => handle.close())
}

const storage_errors: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than allowed',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}

/** A sentence for an error of the file system; undefined for other errors. */
export function describeStorageError(error: unknown): string | undefined {
  const code = codeOf(error)
  const text = code === undefined ? undefined : storage_errors[code]
  return text === undefined ? undefined : `${text} (${code})`
}

/** A `catch` handler that turns an error of the file system into a DataDirError. */
function rethrowStorageError(path: string) {
  return (error: unknown): never => {
    const problem = describeStorageError(error)
    if (problem === undefined) throw error
    throw new DataDirError(`cannot write ${path}: ${problem}`)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
