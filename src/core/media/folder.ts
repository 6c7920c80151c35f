// Pictures in a folder of this machine.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MediaUnavailableError } from '../server-errors.ts'
import type { MediaStore } from './media.ts'

/** Files are written under another name first, so a reader never sees half of one. Only the service's user can read them. */
export function createFolderStore(folder: string): MediaStore {
  const pathOf = (key: string) => join(folder, key)
  return {
    put: (key, content) =>
      available(async () => {
        const path = pathOf(key)
        const temporary = `${path}.${randomBytes(6).toString('hex')}`
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        try {
          await writeFile(temporary, content, { mode: 0o600, flush: true })
          await rename(temporary, path)
        } finally {
          await rm(temporary, { force: true })
        }
      }),
    get: (key) => available(() => unlessMissing(readFile(pathOf(key)))),
    open: (key) =>
      available(async () => {
        const file = await unlessMissing(open(pathOf(key)))
        if (file === undefined) return undefined
        const { size } = await file.stat()
        return { bytes: size, stream: file.createReadStream({ highWaterMark: 64 * 1024 }) }
      }),
    remove: (key) => available(() => rm(pathOf(key), { force: true })),
  }
}

async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new MediaUnavailableError({ cause: cause as Error })
  }
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
