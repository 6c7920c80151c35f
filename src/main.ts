// The commands; the only reader of process.env. Exit codes: 0 good, 1 findings, 2 could not run, 78 bad configuration.
import { Command, CommanderError } from 'commander'
import { registerAgency } from './commands/agency.ts'
import { CommandError } from './commands/context.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDoctor } from './commands/doctor.ts'
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
  .showHelpAfterError('Run with --help to see what it takes.')
  .exitOverride()

registerServe(program, context)
registerMigrate(program, context)
registerDemo(program, context)
registerAgency(program, context)
registerFeature(program, context)
registerImport(program, context)
registerDoctor(program, context)
registerVerify(program, context)
registerOpenapi(program, context)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** One clear line for the person, and the exit code. Only a bug of ours shows a stack. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof ConfigError) {
    for (const problem of error.problems) context.note(`configuration: ${problem}`)
    context.note('See docs/configuration.md or .env.example for every setting.')
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

/** A refused connection, a missing file: the system's own words are clear enough. */
function isSystemError(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code !== undefined && /^(E[A-Z]+|[0-9A-Z]{5})$/.test(code)
}
