// roost backup and roost restore.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import { createMigratorFor } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { startProgress } from '../progress.ts'
import { engineOf, writeBackup } from './backup-file.ts'
import { dumpFolder, restoreFolder } from './embedded-copy.ts'
import { dumpServer, type ServerAccess } from './server-backup.ts'
import { restoreServer } from './server-restore.ts'

interface BackupOptions {
  readonly force?: true
  readonly json?: true
}

interface RestoreOptions {
  readonly replace?: true
  readonly json?: true
}

const needs = `
On a server it needs the client programs of PostgreSQL, at least as new as the server, and MIGRATION_DATABASE_URL with a role that
row-level security does not apply to. The service may run during a backup; for a restore, and with the embedded database, stop it.
Exit codes: 0 done; 1 restored, but migrations are pending; 2 could not run; 78 invalid configuration.
Not in a backup: roles and their passwords, and the files of DATA_DIR beside the database (jwt-secret).`

export function registerBackup(program: Command, context: CommandContext): void {
  program
    .command('backup')
    .argument('<file>', 'the file to write')
    .description('Write one consistent copy of the database to a file that only its owner can read.')
    .option('--force', 'overwrite the file')
    .option('--json', 'print JSON')
    .addHelpText('after', needs)
    .action((file: string, options: BackupOptions) => backup(context, resolve(file), options))
  program
    .command('restore')
    .argument('<file>', 'a file that `roost backup` wrote')
    .description('Verify a backup and restore it into an empty database. A failure changes nothing.')
    .option('--replace', 'drop what the database of the deployment contains')
    .option('--json', 'print JSON')
    .addHelpText('after', needs)
    .action((file: string, options: RestoreOptions) => restore(context, resolve(file), options))
}

const any_schema = { any_schema: true }

const engineFor = ({ database_url }: Config) => (database_url === undefined ? 'embedded' : 'server')

async function backup(context: CommandContext, file: string, { force, json }: BackupOptions): Promise<void> {
  const config = await context.config()
  const engine = engineFor(config)
  const bytes = await writeBackup(file, force === true, (path) =>
    engine === 'embedded'
      ? dumpFolder(path, config.data_dir)
      : withServer(context, config, json === true, (access) => dumpServer(path, access)),
  )
  if (json) context.print(JSON.stringify({ file, engine, bytes }, null, 2))
  else context.print(`${file}: ${bytes} bytes`)
}

async function restore(context: CommandContext, file: string, { replace, json }: RestoreOptions): Promise<void> {
  const config = await context.config()
  const engine = engineFor(config)
  if ((await engineOf(file)) !== engine) {
    const other = engine === 'server' ? 'an embedded database: unset DATABASE_URL' : 'a server: set DATABASE_URL'
    throw new CommandError(`${file} is the backup of ${other}`)
  }
  if (engine === 'embedded') await restoreFolder(file, config.data_dir, replace === true)
  else await withServer(context, config, json === true, (access) => restoreServer(file, replace === true, access))
  await reportMigrations(context, file, engine, json === true)
}

async function withServer(
  context: CommandContext,
  config: Config,
  is_quiet: boolean,
  work: (access: ServerAccess) => Promise<void>,
): Promise<void> {
  const url = config.migration_database_url ?? config.database_url
  if (url === undefined) throw new CommandError('DATABASE_URL must be set')
  await context.withStore(async (store) => {
    const connection = await store.connectOwner()
    const bar = startProgress(context, 'tables', !is_quiet)
    try {
      await work({ url, connection, env: context.env, onProgress: bar.update })
    } finally {
      bar.stop()
      await connection.release()
    }
  }, any_schema)
}

async function reportMigrations(
  context: CommandContext,
  file: string,
  engine: 'embedded' | 'server',
  as_json: boolean,
): Promise<void> {
  const migrations = await context.withStore((store) => createMigratorFor(store).status(), any_schema)
  const differing = migrations.filter(({ state }) => state !== 'applied').length
  const schema_version = migrations.findLast(({ state }) => state !== 'pending')?.version ?? null
  if (differing > 0) context.fail()
  if (as_json) context.print(JSON.stringify({ file, engine, schema_version, is_current: differing === 0 }, null, 2))
  else if (differing === 0) context.print(`restored: the schema is current (${schema_version})`)
  else context.print(`restored: the schema (${schema_version}) differs from this version: roost migrate status`)
}
