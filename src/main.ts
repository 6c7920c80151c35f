// The command line. The only file that reads process.env.
import { Command, CommanderError } from 'commander'
import { registerAgency } from './commands/agency.ts'
import { registerBackup } from './commands/backup/backup.ts'
import { CommandError } from './commands/context.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerEvents } from './commands/events.ts'
import { registerFeature } from './commands/feature.ts'
import { registerImport } from './commands/import.ts'
import { registerMigrate } from './commands/migrate.ts'
import { registerOpenapi } from './commands/openapi.ts'
import { registerServe } from './commands/serve.ts'
import { createContext } from './commands/terminal.ts'
import { registerVerify } from './commands/verify/verify.ts'
import { ConfigError } from './config.ts'
import { AppError } from './core/app-error.ts'
import { MigrationError } from './core/migrations/migrations.ts'
import { DataDirError } from './core/postgres/data-folder.ts'
import { version } from './store.ts'

const context = createContext(process.env)
const program = new Command('roost')
  .description('Roost: property management for holiday-rental agencies.')
  .version(version)
  .showHelpAfterError('Run with --help for usage.')
  .exitOverride()

registerServe(program, context)
registerMigrate(program, context)
registerBackup(program, context)
registerDemo(program, context)
registerAgency(program, context)
registerEvents(program, context)
registerFeature(program, context)
registerImport(program, context)
registerDoctor(program, context)
registerVerify(program, context)
registerOpenapi(program, context)

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
