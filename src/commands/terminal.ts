// Creates the context of a command from the environment and the terminal.
import { parseConfig } from '../config.ts'
import { createLog } from '../core/log.ts'
import { ensureJwtSecret, openStore } from '../store.ts'
import type { CommandContext } from './context.ts'
import { requireSchema } from './schema.ts'
import { disableWasmOptimisation } from './wasm-optimisation.ts'

export function createContext(env: Readonly<Record<string, string | undefined>>): CommandContext {
  const quiet = createLog('error')
  process.stdout.on('error', exitOnClosedPipe)
  const context: CommandContext = {
    config: async () => ensureJwtSecret(parseConfig(env)),
    log: quiet,
    env,
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    is_terminal: process.stderr.isTTY === true,
    async withStore(work, { any_schema = false } = {}) {
      const config = await context.config()
      if (config.database_url === undefined) disableWasmOptimisation()
      const store = await openStore(config, quiet)
      try {
        if (!any_schema) await requireSchema(context, store, config)
        return await work(store, config)
      } finally {
        await store.close()
      }
    },
    fail: () => {
      process.exitCode = 1
    },
  }
  return context
}

/** `roost … | head` closes the pipe early, which is not an error. */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}
