// An exclusive lock on a folder. The kernel releases it when the process ends for any reason.
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataDirError } from './data-folder.ts'

const sqlite_busy = 5

/**
 * Locks the folder for this process and returns a function that releases the lock. Throws DataDirError with the name of the
 * other process when the folder is locked.
 *
 * Node has no flock, but SQLite locks its file with fcntl. This lock ends with the process, also after kill -9, and works
 * between containers that share a folder, where process ids are not unique. The empty lock file must not be deleted.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  const holder = join(dir, 'holder')
  const file = join(dir, 'lock.db')
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file, { timeout: 0 })
    lock.exec('begin exclusive')
  } catch (error) {
    lock?.close()
    if ((error as { errcode?: number }).errcode === sqlite_busy) throw await folderInUse(dir, holder)
    throw new DataDirError(
      `cannot lock ${file}: ${(error as Error).message}. Is it a file, and is there room on the disk?`,
    )
  }
  const text = `process ${process.pid} on ${hostname()}, started ${new Date().toISOString()}`
  // Used only for the error message, so a failed write (full disk) is ignored.
  await writeFile(holder, text, { mode: 0o600 }).catch(() => {})
  const acquired = lock
  return () => acquired.close()
}

async function folderInUse(dir: string, holder: string): Promise<DataDirError> {
  const who = await readFile(holder, 'utf8').catch(() => '')
  return new DataDirError(
    `the embedded database in ${dir} is in use by ${who === '' ? 'another process' : who}: stop it, or set DATA_DIR to another folder`,
  )
}
