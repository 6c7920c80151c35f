// Enables Node's compile cache in a folder that only this user can write to.
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'

const writableByOthers = 0o022
const sticky = 0o1000

/**
 * Uses `$XDG_CACHE_HOME/roost` or `~/.cache/roost`, or no cache when the folder cannot be private. Node's default is a folder
 * with a known name in /tmp: another user could create it first and run code as the user of the service. When
 * NODE_COMPILE_CACHE is set, Node has already enabled that folder, and the operator is responsible for it.
 */
export function enablePrivateCompileCache(env) {
  if (env.NODE_COMPILE_CACHE) return
  const folder = createPrivateFolder(env)
  if (folder !== undefined) nodeModule.enableCompileCache(folder)
}

/** Creates the folder when it is missing (mode 0700). Returns undefined when another user could change its contents. */
function createPrivateFolder(env) {
  // On Windows the access list of LOCALAPPDATA makes it private.
  if (process.getuid === undefined) return env.LOCALAPPDATA && join(env.LOCALAPPDATA, 'roost')
  const base = [env.XDG_CACHE_HOME, env.HOME && join(env.HOME, '.cache')].find((path) => path && isAbsolute(path))
  if (base === undefined) return undefined
  try {
    createFolder(base)
    const folder = join(realpathSync(base), 'roost')
    createFolder(folder)
    if (!isPrivate(folder) || !parents(folder).every(isSafe)) return undefined
    chmodSync(folder, 0o700)
    return folder
  } catch {
    return undefined
  }
}

/** Not recursive: mkdir with `recursive` does not terminate below /proc. */
function createFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

/** A folder, not a symbolic link, that belongs to this user and that no other user can write to. */
function isPrivate(path) {
  const entry = lstatSync(path)
  return entry.isDirectory() && entry.uid === process.getuid() && (entry.mode & writableByOthers) === 0
}

/** Only this user and root can replace an entry of this folder. */
function isSafe(path) {
  const { uid, mode } = lstatSync(path)
  return [0, process.getuid()].includes(uid) && ((mode & writableByOthers) === 0 || (mode & sticky) !== 0)
}

function parents(path) {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...parents(parent)]
}
