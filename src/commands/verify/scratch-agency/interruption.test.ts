// Cleanup after SIGINT and SIGKILL, with real processes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { prepareFolder } from '../../../../test/prepared-folder.ts'
import { root } from '../../../store.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-verify-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const env = { PATH: process.env.PATH, DATA_DIR: join(dir, 'data'), LOG_LEVEL: 'silent', ENV_FILE: '' }

/** Runs `roost <args>` and sends the signal when its scratch agency has been created. */
async function roost(args: readonly string[], signal?: NodeJS.Signals) {
  // Not bin/roost, so that the signal reaches the process itself.
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], { env, cwd: dir })
  let [out, err, is_sent] = ['', '', false]
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
    if (signal === undefined || is_sent || !/Created scratch agency verify-/.test(err)) return
    is_sent = true
    child.kill(signal)
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const long_race = ['verify', 'overlap', '--clients', '8', '--rounds', '1000']

test('SIGINT removes the agency and exits with 2; after SIGKILL the next run removes it', async () => {
  await prepareFolder(env.DATA_DIR)
  const interrupted = await roost(long_race, 'SIGINT')
  assert.equal(interrupted.code, 2, interrupted.err)
  assert.match(interrupted.err, /Stopping: .*\ninterrupted; the scratch agency was removed\n$/)
  const clean = ['verify', 'overlap', '--clean']
  const nothing = await roost(clean)
  assert.deepEqual([nothing.code, nothing.out, nothing.err], [0, 'Nothing to remove.\n', ''])
  const killed = await roost(long_race, 'SIGKILL')
  assert.equal(killed.code, null)
  const removed = await roost(clean)
  assert.equal(removed.code, 0)
  assert.match(removed.err, /^Removed the leftovers of an earlier run: verify-[0-9a-f]{12}, \d+ rows\.\n$/)
  assert.equal((await roost(clean)).out, 'Nothing to remove.\n')
})
