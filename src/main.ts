// The command line. The only file that reads process.env.
import { CommanderError } from 'commander'
import { CommandError } from './commands/context.ts'
import { createProgram } from './commands/program.ts'
import { createContext } from './commands/terminal.ts'
import { ConfigError } from './config.ts'
import { AppError } from './core/app-error.ts'
import { MigrationError } from './core/migrations/migrations.ts'
import { DataDirError } from './core/postgres/data-folder.ts'

const context = createContext(process.env)
const program = createProgram(context)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error)
}

/**
 * Prints the error and returns the exit code: 0 ok, 1 findings, 2 could not run, 78 invalid configuration. Only unexpected
 * errors are printed with a stack.
 */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof ConfigError) {
    for (const problem of error.problems) context.note(`configuration: ${problem}`)
    context.note('All settings are listed in docs/configuration.md and .env.example.')
    return 78
  }
  if (error instanceof AppError) {
    context.note([error.message, ...(error.details ?? []).map((d) => `  ${d.pointer} ${d.message}`)].join('\n'))
    return 2
  }
  const is_known = error instanceof CommandError || error instanceof MigrationError || error instanceof DataDirError
  const { message, stack, exit_code } = error as Error & { exit_code?: number }
  context.note(is_known || isSystemError(error) ? message : (stack ?? message))
  return exit_code ?? 2
}

/** An error of the operating system or of PostgreSQL (SQLSTATE), whose message is shown without a stack. */
function isSystemError(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code !== undefined && /^(E[A-Z]+|[0-9A-Z]{5})$/.test(code)
}
