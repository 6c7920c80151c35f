// The context of a command: configuration, output and database.
import type { Config } from '../config.ts'
import type { Logger } from '../core/log.ts'
import type { Store } from '../store.ts'

export interface CommandContext {
  /** Parsed on first use: `--help` works with a broken environment. */
  config(): Promise<Config>
  readonly log: Logger
  /** For programs that a command starts. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Prints a result line to stdout. */
  print(line: string): void
  /** Prints a progress or error line to stderr. */
  note(line: string): void
  readonly is_terminal: boolean
  /**
   * Opens the database, runs `work` and closes the database. `work` runs on a complete schema (requireSchema), unless
   * `any_schema` says that it can do without.
   */
  withStore<T>(work: (store: Store, config: Config) => Promise<T>, options?: StoreOptions): Promise<T>
  /** Sets exit code 1: the command ran and has findings. */
  fail(): void
}

interface StoreOptions {
  readonly any_schema?: boolean
}

/** An invalid argument or a missing record. Printed as one line, without a stack. Exit code 2 by default. */
export class CommandError extends Error {
  readonly exit_code: number
  constructor(message: string, exit_code = 2) {
    super(message)
    this.exit_code = exit_code
  }
}
