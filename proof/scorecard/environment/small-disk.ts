// A small disk that can be filled: tmpfs if mounting is allowed, otherwise simulated ENOSPC errors.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../../src/store.ts'

export interface SmallDisk {
  readonly folder: string
  /** Environment variables for the process that uses the disk. */
  readonly env: Readonly<Record<string, string>>
  /** A tmpfs rather than simulated errors. */
  readonly is_real: boolean
  fill(): void
  /** Frees the space that fill() took. */
  empty(): void
  remove(): void
}

/** `size_mb` applies only to a tmpfs. */
export function createSmallDisk(folder: string, size_mb: number): SmallDisk {
  mkdirSync(folder)
  return mount(folder, size_mb) ? tmpfsDisk(folder) : simulatedDisk(folder)
}

function mount(folder: string, size_mb: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size_mb}m,mode=755`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function tmpfsDisk(folder: string): SmallDisk {
  const ballast = join(folder, 'ballast')
  return {
    folder,
    env: {},
    is_real: true,
    fill() {
      const file = openSync(ballast, 'a')
      for (const size of [65_536, 1]) fillWith(file, Buffer.alloc(size))
      closeSync(file)
    },
    empty: () => rmSync(ballast, { force: true }),
    remove: () => execFileSync('umount', ['-l', folder]),
  }
}

function fillWith(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

function simulatedDisk(folder: string): SmallDisk {
  const flag = `${folder}.is-full`
  const preload = pathToFileURL(join(root, 'test/full-disk.ts')).href
  return {
    folder,
    env: { FULL_DISK: flag, NODE_OPTIONS: `--import ${preload}` },
    is_real: false,
    fill: () => writeFileSync(flag, ''),
    empty: () => rmSync(flag, { force: true }),
    remove: () => rmSync(flag, { force: true }),
  }
}
