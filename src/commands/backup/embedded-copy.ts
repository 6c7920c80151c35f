// Backs up and restores the folder of an embedded database. The service must be stopped: it holds the lock.

import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { createPrivateFolder, fsyncFolder } from '../../core/postgres/data-folder.ts'
import { openEmbedded } from '../../core/postgres/embedded.ts'
import { lockFolder } from '../../core/postgres/folder-lock.ts'
import { CommandError } from '../context.ts'

/** Writes the whole database as a compressed tar. Throws DataDirError while another process uses it. */
export async function dumpFolder(file: string, dir: string): Promise<void> {
  if (!existsSync(join(dir, 'postgres'))) throw new CommandError(`there is no embedded database in ${dir}`)
  const embedded = await openEmbedded(dir)
  try {
    const dump = await embedded.dump('gzip')
    await writeFile(file, Buffer.from(await dump.arrayBuffer()))
  } finally {
    await embedded.close()
  }
}

/**
 * Restores next to the database of the folder, opens the copy to verify it, and only then replaces the database. Throws
 * CommandError when the folder has a database, unless `replace`, and when the file is damaged.
 */
export async function restoreFolder(file: string, dir: string, replace: boolean): Promise<void> {
  const current = join(dir, 'postgres')
  const staging = join(dir, 'restoring')
  await createPrivateFolder(dir)
  const unlock = await lockFolder(dir)
  try {
    if (existsSync(current) && !replace)
      throw new CommandError(
        `there is a database in ${dir}: set DATA_DIR to another folder, or replace it with --replace`,
      )
    await rm(staging, { recursive: true, force: true })
    await extract(file, staging)
    // A crash between the two leaves both databases, none of them half written.
    if (existsSync(current)) await rename(current, join(staging, 'before'))
    await rename(join(staging, 'postgres'), current)
    await fsyncFolder(dir)
  } finally {
    await rm(staging, { recursive: true, force: true })
    unlock()
  }
}

async function extract(file: string, staging: string): Promise<void> {
  const refuse = (error: unknown) => {
    throw new CommandError(`${file} is damaged, or of another version: ${(error as Error).message}`)
  }
  // Its checksum is verified here: PGlite would fail with an unhandled error.
  const tar = await promisify(gunzip)(await readFile(file)).catch(refuse)
  const dump = new Blob([tar], { type: 'application/x-tar' })
  const embedded = await openEmbedded(staging, { dump }).catch(refuse)
  try {
    const { rows } = await embedded.pool.query("select to_regclass('public.audit_log') is not null as has_roost")
    if (rows[0]?.has_roost !== true) throw new CommandError(`${file} is not a backup of roost: tables are missing`)
  } finally {
    await embedded.close()
  }
}
