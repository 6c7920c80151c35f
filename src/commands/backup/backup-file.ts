// Writes a backup file whole or not at all, readable by its owner only.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fsyncFolder } from '../../core/postgres/data-folder.ts'
import { CommandError } from '../context.ts'

/**
 * Calls `write` with the path of an empty temporary file (mode 0600) in the same folder, and renames it to `file` afterwards.
 * Throws CommandError when `file` exists, unless `overwrite`. Returns the size in bytes.
 */
export async function writeBackup(
  file: string,
  overwrite: boolean,
  write: (path: string) => Promise<void>,
): Promise<number> {
  if (!overwrite && existsSync(file)) throw fileExists(file)
  const temporary = `${file}.${randomBytes(6).toString('hex')}.part`
  try {
    await (await open(temporary, 'wx', 0o600)).close()
    await write(temporary)
    const bytes = await sync(temporary)
    if (overwrite) await rename(temporary, file)
    else await link(temporary, file)
    await fsyncFolder(dirname(file))
    return bytes
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExists(file) : error
  } finally {
    await rm(temporary, { force: true })
  }
}

const fileExists = (file: string) =>
  new CommandError(`${file} exists: choose another name, or overwrite it with --force`)

async function sync(path: string): Promise<number> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

/** What wrote the file: pg_dump for a server, or PGlite for an embedded database. Throws CommandError for other files. */
export async function engineOf(file: string): Promise<'server' | 'embedded'> {
  if (!(await stat(file)).isFile()) throw new CommandError(`${file} is not a file`)
  const handle = await open(file, 'r')
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(5) })
    if (buffer.toString('latin1') === 'PGDMP') return 'server'
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return 'embedded'
  } finally {
    await handle.close()
  }
  throw new CommandError(`${file} is not a backup of roost`)
}
