// The command line. The only file that reads process.env.
import { CommanderError } from 'commander'
import { CommandError } from './commands/context.ts'
import { loadEnvFile } from './commands/env-file.ts'
import { createProgram } from './commands/program.ts'
import { createContext } from './commands/terminal.ts'
import { ConfigError } from './config.ts'
import { AppError } from './core/app-error.ts'
import { reasonOf } from './core/error-reason.ts'
import { MigrationError } from './core/migrations/migrations.ts'
import { DataDirError } from './core/postgres/data-folder.ts'

const context = createContext(process.env)

try {
  loadEnvFile(process.env)
  await createProgram(context).parseAsync()
} catch (error) {
  exit(reportError(error))
}

/** Ends the process although connections are open or retried, after its output is written. */
function exit(code: number): void {
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
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
    const reason = error.cause instanceof Error ? ` (${reasonOf(error.cause)})` : ''
    const details = (error.details ?? []).map((detail) => `  ${detail.pointer} ${detail.message}`)
    context.note([`${error.message}${reason}`, ...details].join('\n'))
    return 2
  }
  const is_known = error instanceof CommandError || error instanceof MigrationError || error instanceof DataDirError
  const { stack, exit_code } = error as Error & { exit_code?: number }
  context.note(is_known || isSystemError(error) ? reasonOf(error) : (stack ?? reasonOf(error)))
  return exit_code ?? 2
}

/** An error of the operating system or of PostgreSQL (SQLSTATE), whose message is shown without a stack. */
function isSystemError(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code !== undefined && /^(E[A-Z]+|[0-9A-Z]{5})$/.test(code)
}
