// The commands of `roost` with their options and help texts.
import { Command } from 'commander'
import { version } from '../store.ts'
import { registerAgency } from './agency.ts'
import { registerBackup } from './backup/backup.ts'
import type { CommandContext } from './context.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { registerEvents } from './events.ts'
import { registerExport } from './export/export.ts'
import { registerFeature } from './feature.ts'
import { registerImport } from './import.ts'
import { registerMail } from './mail.ts'
import { registerMemberList } from './member-list.ts'
import { registerMigrate } from './migrate.ts'
import { registerOpenapi } from './openapi.ts'
import { registerServe } from './serve.ts'
import { registerSetupDatabase } from './setup-database.ts'
import { registerVerify } from './verify/verify.ts'

export function createProgram(context: CommandContext): Command {
  const program = new Command('roost')
    .description('Roost: property management for holiday-rental agencies.')
    .version(version)
    .showHelpAfterError('Run with --help for usage.')
    .exitOverride()
  registerServe(program, context)
  registerSetupDatabase(program, context)
  registerMigrate(program, context)
  registerBackup(program, context)
  registerDemo(program, context)
  registerAgency(program, context)
  registerMemberList(program, context)
  registerExport(program, context)
  registerEvents(program, context)
  registerFeature(program, context)
  registerImport(program, context)
  registerMail(program, context)
  registerDoctor(program, context)
  registerVerify(program, context)
  registerOpenapi(program, context)
  return program
}
