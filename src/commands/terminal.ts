// The context of a command that runs in a terminal.
import { parseConfig } from '../config.ts'
import { createLog } from '../core/log.ts'
import { openStore, withSecret } from '../store.ts'
import type { CommandContext } from './context.ts'
import { saveMemory } from './memory.ts'

export function createContext(env: Readonly<Record<string, string | undefined>>): CommandContext {
  const quiet = createLog('error')
  process.stdout.on('error', stopWhenNobodyReads)
  const context: CommandContext = {
    config: async () => withSecret(parseConfig(env)),
    log: quiet,
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    is_terminal: process.stderr.isTTY === true,
    async withStore(work) {
      const config = await context.config()
      if (config.database_url === undefined) saveMemory()
      const store = await openStore(config, quiet)
      try {
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

/** `roost … | head` closes the pipe when it has seen enough: that is no failure. */
function stopWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}
