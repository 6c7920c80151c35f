// Simulates a full disk in a process that imports this first: writes fail while FULL_DISK exists.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const flag = process.env.FULL_DISK
const { writeSync, openSync, writeFileSync, existsSync } = fs

function refuseWhenFull(syscall: string, path?: unknown): void {
  if (flag === undefined || !existsSync(flag)) return
  const message = `ENOSPC: no space left on device, ${syscall}`
  throw Object.assign(new Error(message), { code: 'ENOSPC', errno: -28, syscall, ...(path !== undefined && { path }) })
}

/** The embedded database writes through these. Its existing pages can still be overwritten. */
fs.writeSync = ((fd: number, ...rest: [NodeJS.ArrayBufferView, number, number, number]) => {
  const [, , length, position] = rest
  const is_new = typeof position === 'number' && fd > 2 && position + length > fs.fstatSync(fd).size
  if (is_new) refuseWhenFull('write')
  return writeSync(fd, ...rest)
}) as typeof fs.writeSync
fs.writeFileSync = ((path: string, ...rest: [string]) => {
  refuseWhenFull('open', path)
  return writeFileSync(path, ...rest)
}) as typeof fs.writeFileSync
const openPromise = fs.promises.open
fs.promises.open = (async (path: string, flags: string, ...rest: []) => {
  const handle = await openPromise(path, flags, ...rest)
  const writeFile = handle.writeFile.bind(handle)
  handle.writeFile = async (...content) => {
    refuseWhenFull('write')
    await writeFile(...content)
  }
  return handle
}) as typeof fs.promises.open
fs.openSync = ((path: string, flags: number | string, ...rest: []) => {
  if (flags !== 'r' && !existsSync(path)) refuseWhenFull('open', path)
  return openSync(path, flags, ...rest)
}) as typeof fs.openSync
syncBuiltinESMExports()
