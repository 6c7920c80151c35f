// Keeps a second process out of a folder, with a lock that the kernel releases when the process ends, however it ends.
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataDirError } from './data-folder.ts'

const busy = 5

/**
 * Locks the folder for this process. Returns what releases it. Throws DataDirError, naming the holder, when it is taken.
 *
 * Node has no flock, but SQLite locks its file with fcntl: such a lock ends with the process, also after kill -9, and holds
 * between containers that share a folder, where a process number says nothing. The file stays empty and must stay there.
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
    if ((error as { errcode?: number }).errcode === busy) throw await inUse(dir, holder)
    throw new DataDirError(
      `cannot lock ${file}: ${(error as Error).message}. Is it a file, and is there room on the disk?`,
    )
  }
  const text = `process ${process.pid} on ${hostname()}, started ${new Date().toISOString()}`
  // For the message only: on a full disk the folder can still be opened.
  await writeFile(holder, text, { mode: 0o600 }).catch(() => {})
  const held = lock
  return () => held.close()
}

async function inUse(dir: string, holder: string): Promise<DataDirError> {
  const who = await readFile(holder, 'utf8').catch(() => '')
  return new DataDirError(
    `the embedded database in ${dir} is in use by ${who === '' ? 'another process' : who}: stop it, or set DATA_DIR to another folder`,
  )
}
