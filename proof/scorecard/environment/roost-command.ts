// Runs commands of bin/roost to their end.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../../src/store.ts'

export interface CommandResult {
  /** -1 when the command was killed by a signal or could not be started. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `roost <args>` with these environment variables. Does not reject when the command fails. */
export function runRoost(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
  const { PATH, HOME, TMPDIR } = process.env
  const options = {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ENV_FILE: '', ...env } as NodeJS.ProcessEnv,
    maxBuffer: 16 * 2 ** 20,
    timeout: 120_000,
  }
  return new Promise((resolve) => {
    execFile(join(root, 'bin/roost'), args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      resolve({ code: typeof code === 'number' ? code : -1, stdout, stderr })
    })
  })
}
