// What every command is given: the environment's configuration, the terminal, and a store that is closed afterwards.
import type { Config } from '../config.ts'
import type { Logger } from '../core/log.ts'
import type { Store } from '../store.ts'

export interface CommandContext {
  /** Parsed on first use: `--help` works with a broken environment. */
  config(): Promise<Config>
  readonly log: Logger
  /** A line for the person, on stdout. */
  print(line: string): void
  /** A line about progress or trouble, on stderr. */
  note(line: string): void
  readonly is_terminal: boolean
  /** Opens the database, runs `work`, closes it. */
  withStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T>
  /** Findings: the command did its work and the answer is no (exit code 1). */
  fail(): void
}

/** A wrong argument or a missing record: one clear line, exit code 2. */
export class CommandError extends Error {
  readonly exit_code: number
  constructor(message: string, exit_code = 2) {
    super(message)
    this.exit_code = exit_code
  }
}
