// Where Node keeps what it has compiled, so that later starts are quicker: a folder that only this user can write to.
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'

const writableByOthers = 0o022
const sticky = 0o1000

/**
 * `$XDG_CACHE_HOME/roost` or `~/.cache/roost`, or none when it cannot be kept private. Node's own default is a folder in /tmp
 * with a known name: whoever makes it first has code run as the user of the service. NODE_COMPILE_CACHE names another
 * folder; Node uses it before this runs, and the operator answers for it.
 */
export function enablePrivateCompileCache(env) {
  if (env.NODE_COMPILE_CACHE) return
  const folder = privateFolder(env)
  if (folder !== undefined) nodeModule.enableCompileCache(folder)
}

/** The folder, made when it is missing (mode 0700); undefined when another user could change what is in it. */
export function privateFolder(env) {
  // On Windows this folder is the user's own, by its access list.
  if (process.getuid === undefined) return env.LOCALAPPDATA && join(env.LOCALAPPDATA, 'roost')
  const base = [env.XDG_CACHE_HOME, env.HOME && join(env.HOME, '.cache')].find((path) => path && isAbsolute(path))
  if (base === undefined) return undefined
  try {
    make(base)
    const folder = join(realpathSync(base), 'roost')
    make(folder)
    if (!isOurs(folder) || !above(folder).every(isSafe)) return undefined
    chmodSync(folder, 0o700)
    return folder
  } catch {
    return undefined
  }
}

/** One level only: below /proc, Node's own recursion does not end. */
function make(path) {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

/** A folder, not a link to one, of this user, that nobody else could ever write to. */
function isOurs(path) {
  const entry = lstatSync(path)
  return entry.isDirectory() && entry.uid === process.getuid() && (entry.mode & writableByOthers) === 0
}

/** Nobody but this user and root can put another folder in the place of one that lies in it. */
function isSafe(path) {
  const { uid, mode } = lstatSync(path)
  return [0, process.getuid()].includes(uid) && ((mode & writableByOthers) === 0 || (mode & sticky) !== 0)
}

function above(path) {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}
