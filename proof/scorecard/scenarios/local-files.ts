// S46: what other users of the machine could read or plant, a folder that two processes want, a disk that is full.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../../src/store.ts'
import { until } from '../../../test/until.ts'
import { killAtExit, removeAtExit } from '../environment/cleanup.ts'
import { startRoost } from '../environment/roost-process.ts'
import { smallDisk } from '../environment/small-disk.ts'
import { type Check, exactly, fired, type Measure, told } from '../scenario.ts'

const opener = join(root, 'test/embedded-opener.ts')

export const localFiles: Measure = {
  id: 'S46',
  title: 'Local files: modes, planted code, two processes, a full disk, bad secrets',
  seconds: { full: 40, quick: 15 },
  async run(size) {
    const folder = mkdtempSync(join(tmpdir(), 'roost-local-'))
    removeAtExit(folder)
    const data = join(folder, 'data')
    const api = await startRoost({ env: { DATA_DIR: data, TMPDIR: plantedIn(folder), ...cacheIn(folder) } })
    const checks = [...modes(data), ...planted(folder), ...secondProcess(data, size === 'full' ? 5 : 1)]
    await api.kill()
    checks.push(...secrets(folder), ...(await fullDisk(folder, data)))
    rmSync(folder, { recursive: true, force: true })
    return checks
  },
}

const cacheIn = (folder: string) => ({ XDG_CACHE_HOME: join(folder, 'cache') })

/** What another user would put into the folder for temporary files: the cache that Node looks for there, open to all. */
function plantedIn(folder: string): string {
  const temporary = join(folder, 'tmp')
  mkdirSync(join(temporary, 'node-compile-cache'), { recursive: true, mode: 0o777 })
  return temporary
}

function planted(folder: string): Check[] {
  const used = readdirSync(join(folder, 'tmp/node-compile-cache')).length
  const own = existsSync(join(folder, 'cache/roost'))
    ? readdirSync(join(folder, 'cache/roost'), { recursive: true })
    : []
  return [
    fired('files of compiled code kept in the private folder', own.length, 100),
    exactly('processes that used the planted cache', used, 0),
    exactly('rights of others on the private cache', lstatSync(join(folder, 'cache/roost')).mode & 0o077, 0),
  ]
}

function modes(data: string): Check[] {
  const entries = readdirSync(data, { recursive: true, withFileTypes: true })
  const paths = [data, ...entries.map((entry) => join(entry.parentPath, entry.name))]
  const open = paths.filter((path) => (lstatSync(path).mode & 0o077) !== 0)
  return [
    fired('files and folders of a new embedded database', paths.length, 500),
    exactly('of them with rights for others', open.length, 0),
  ]
}

/** As from another container: in a process namespace of its own where that is allowed. */
function secondProcess(data: string, times: number): Check[] {
  const own = ['unshare', '--pid', '--fork', '--kill-child']
  const is_apart = spawnSync(own[0] ?? '', [...own.slice(1), 'true']).status === 0
  const [command = '', ...args] = [...(is_apart ? own : []), process.execPath, opener, data, 'close']
  const opened = Array.from({ length: times }, () => spawnSync(command, args, { encoding: 'utf8' }))
  return [
    fired('second processes', opened.length),
    exactly('of them that opened the folder', opened.filter(({ status }) => status === 0).length, 0),
    exactly(
      'refused without the name of the holder',
      opened.filter(({ stderr }) => !/in use by process/.test(stderr)).length,
      0,
    ),
    told('process namespace of the second', is_apart ? 'its own' : 'the same'),
  ]
}

function secrets(folder: string): Check[] {
  const codes = ['', 'abc', 'x'.repeat(31)].map((secret, n) => {
    const data = join(folder, `secret-${n}`)
    mkdirSync(data)
    writeFileSync(join(data, 'jwt-secret'), secret)
    const { PATH, HOME } = process.env
    const env = { PATH, HOME, DATA_DIR: data }
    return spawnSync(join(root, 'bin/roost'), ['migrate', 'status'], { env: env as NodeJS.ProcessEnv }).status
  })
  return [
    fired('secrets of 0, 3 and 31 bytes', codes.length, 3),
    exactly('of them accepted', codes.filter((code) => code !== 78).length, 0),
  ]
}

/** The database is copied to a small disk, which becomes full while a process writes. */
async function fullDisk(folder: string, data: string): Promise<Check[]> {
  const disk = smallDisk(join(folder, 'disk'), 160)
  try {
    const flag = `${disk.folder}.filled`
    const own = join(disk.folder, 'data')
    cpSync(data, own, { recursive: true })
    const env = { ...process.env, ...disk.env }
    const child = killAtExit(
      spawn(process.execPath, [opener, own, 'write', flag], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
    )
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const gone = once(child, 'exit')
    await until(() => existsSync(flag) || child.exitCode !== null, 30_000)
    disk.fill()
    const has_ended = await Promise.race([gone.then(() => true), deadline(10_000)])
    if (!has_ended) child.kill('SIGTERM')
    const is_gone = has_ended || (await Promise.race([gone.then(() => true), deadline(3000)]))
    if (!is_gone) child.kill('SIGKILL')
    await gone
    disk.empty()
    const reopened = spawnSync(process.execPath, [opener, own, 'close'], { env, encoding: 'utf8' })
    return [
      fired('writes refused for want of room', said.includes('ENOSPC') ? 1 : 0),
      exactly('exit code on a full disk', child.exitCode ?? `${child.signalCode}`, 2),
      exactly('lines that say why', said.split('\n').filter((line) => /the disk is full/.test(line)).length, 1),
      exactly('processes that had to be killed', is_gone ? 0 : 1, 0),
      exactly('exit code with room again', reopened.status ?? -1, 0),
      told('disk', disk.is_real ? 'a file system of 160 MB' : 'refused writes'),
    ]
  } finally {
    disk.remove()
  }
}

function deadline(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref())
}
