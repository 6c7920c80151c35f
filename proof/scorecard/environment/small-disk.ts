// A disk of some megabytes that can be filled: a real file system in memory where mounting is allowed, else writes that are refused.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../../src/store.ts'

export interface SmallDisk {
  /** Where it is. */
  readonly folder: string
  /** For the process whose disk it is. */
  readonly env: Readonly<Record<string, string>>
  readonly is_real: boolean
  fill(): void
  /** Makes room again. */
  empty(): void
  remove(): void
}

/** `size_mb` matters only on a real one. */
export function smallDisk(folder: string, size_mb: number): SmallDisk {
  mkdirSync(folder)
  return mount(folder, size_mb) ? realDisk(folder) : refusedWrites(folder)
}

function mount(folder: string, size_mb: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size_mb}m,mode=755`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function realDisk(folder: string): SmallDisk {
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

function refusedWrites(folder: string): SmallDisk {
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
