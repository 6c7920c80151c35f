// S46: local files of the embedded database: modes, planted code, locking, full disk, secrets.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../../src/store.ts'
import { removeAtExit } from '../environment/cleanup.ts'
import { startRoost } from '../environment/roost-process.ts'
import { type Check, exactly, info, injected, type Scenario } from '../scenario.ts'
import { fullDisk } from './full-disk.ts'

const opener = join(root, 'test/embedded-opener.ts')

export const localFiles: Scenario = {
  id: 'S46',
  title: 'Local files: modes, planted code, two processes, a full disk, bad secrets',
  seconds: { full: 40, quick: 15 },
  async run(size) {
    const folder = mkdtempSync(join(tmpdir(), 'roost-local-'))
    removeAtExit(folder)
    const data = join(folder, 'data')
    const api = await startRoost({ env: { DATA_DIR: data, TMPDIR: createPlantedTmpdir(folder), ...cacheEnv(folder) } })
    const checks = [...checkModes(data), ...checkCache(folder), ...checkSecondProcess(data, size === 'full' ? 5 : 1)]
    await api.kill()
    checks.push(...checkSecrets(folder), ...(await fullDisk(folder, data)))
    rmSync(folder, { recursive: true, force: true })
    return checks
  },
}

const cacheEnv = (folder: string) => ({ XDG_CACHE_HOME: join(folder, 'cache') })

/** Creates a world-writable TMPDIR with the compile cache folder that Node would use there. */
function createPlantedTmpdir(folder: string): string {
  const temporary = join(folder, 'tmp')
  mkdirSync(join(temporary, 'node-compile-cache'), { recursive: true, mode: 0o777 })
  return temporary
}

function checkCache(folder: string): Check[] {
  const used = readdirSync(join(folder, 'tmp/node-compile-cache')).length
  const own = existsSync(join(folder, 'cache/roost'))
    ? readdirSync(join(folder, 'cache/roost'), { recursive: true })
    : []
  return [
    injected('files in the private compile cache', own.length, 100),
    exactly('files written to the planted cache', used, 0),
    exactly(
      'permissions of group and others on the private cache',
      lstatSync(join(folder, 'cache/roost')).mode & 0o077,
      0,
    ),
  ]
}

function checkModes(data: string): Check[] {
  const entries = readdirSync(data, { recursive: true, withFileTypes: true })
  const paths = [data, ...entries.map((entry) => join(entry.parentPath, entry.name))]
  const open = paths.filter((path) => (lstatSync(path).mode & 0o077) !== 0)
  return [
    injected('files and folders of a new embedded database', paths.length, 500),
    exactly('of these with permissions for group or others', open.length, 0),
  ]
}

/** The second process runs in its own PID namespace, as in another container, if that is allowed. */
function checkSecondProcess(data: string, times: number): Check[] {
  const own = ['unshare', '--pid', '--fork', '--kill-child']
  const is_separate = spawnSync(own[0] ?? '', [...own.slice(1), 'true']).status === 0
  const [command = '', ...args] = [...(is_separate ? own : []), process.execPath, opener, data, 'close']
  const opened = Array.from({ length: times }, () => spawnSync(command, args, { encoding: 'utf8' }))
  return [
    injected('second processes started', opened.length),
    exactly('second processes that opened the folder', opened.filter(({ status }) => status === 0).length, 0),
    exactly(
      'refusals that do not name the holder',
      opened.filter(({ stderr }) => !/in use by process/.test(stderr)).length,
      0,
    ),
    info('PID namespace of the second process', is_separate ? 'separate' : 'shared'),
  ]
}

function checkSecrets(folder: string): Check[] {
  const codes = ['', 'abc', 'x'.repeat(31)].map((secret, n) => {
    const data = join(folder, `secret-${n}`)
    mkdirSync(data)
    writeFileSync(join(data, 'jwt-secret'), secret)
    const { PATH, HOME } = process.env
    const env = { PATH, HOME, ENV_FILE: '', DATA_DIR: data }
    return spawnSync(join(root, 'bin/roost'), ['migrate', 'status'], { env: env as NodeJS.ProcessEnv }).status
  })
  return [
    injected('secrets of 0, 3 and 31 bytes', codes.length, 3),
    exactly('of these accepted', codes.filter((code) => code !== 78).length, 0),
  ]
}
