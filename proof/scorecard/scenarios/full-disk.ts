// Part of S46: the disk of the embedded database becomes full while a process writes.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../src/store.ts'
import { until } from '../../../test/until.ts'
import { killAtExit } from '../environment/cleanup.ts'
import { createSmallDisk } from '../environment/small-disk.ts'
import { type Check, exactly, info, injected } from '../scenario.ts'

const opener = join(root, 'test/embedded-opener.ts')

/** Copies the database to a small disk and fills the disk while a process writes. */
export async function fullDisk(folder: string, data: string): Promise<Check[]> {
  const disk = createSmallDisk(join(folder, 'disk'), 160)
  try {
    const flag = `${disk.folder}.filled`
    const copy = join(disk.folder, 'data')
    cpSync(data, copy, { recursive: true })
    const env = { ...process.env, ...disk.env }
    const child = killAtExit(
      spawn(process.execPath, [opener, copy, 'write', flag], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
    )
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const exited = once(child, 'exit')
    await until(() => existsSync(flag) || child.exitCode !== null)
    disk.fill()
    const has_ended = await Promise.race([exited.then(() => true), deadline(hang_ms)])
    if (!has_ended) child.kill('SIGTERM')
    const has_exited = has_ended || (await Promise.race([exited.then(() => true), deadline(hang_ms)]))
    if (!has_exited) child.kill('SIGKILL')
    await exited
    disk.empty()
    const reopened = spawnSync(process.execPath, [opener, copy, 'close'], { env, encoding: 'utf8' })
    return [
      injected('writes failed with ENOSPC', stderr.includes('ENOSPC') ? 1 : 0),
      exactly('exit code on a full disk', child.exitCode ?? `${child.signalCode}`, 2),
      exactly(
        'log lines that name the full disk',
        stderr.split('\n').filter((line) => /the disk is full/.test(line)).length,
        1,
      ),
      exactly('processes that had to be killed', has_exited ? 0 : 1, 0),
      exactly('exit code after space was freed', reopened.status ?? -1, 0),
      info('disk', disk.is_real ? 'tmpfs of 160 MB' : 'simulated ENOSPC'),
    ]
  } finally {
    disk.remove()
  }
}

/** Only ends a process that hangs: on a busy machine it fills the disk slowly. */
const hang_ms = 300_000

function deadline(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref())
}
