// roost setup-database: creates the database and the roles of a deployment on a PostgreSQL server.
import type { Command } from 'commander'
import { reasonOf } from '../core/error-reason.ts'
import { connectToServer, type ServerConnection } from '../core/postgres/pools.ts'
import { url as parseUrl } from '../setting-parsers.ts'
import { type CommandContext, CommandError } from './context.ts'
import { createSetup, envLines, type Setup, setupStatements } from './setup-statements.ts'

interface Options {
  readonly adminUrl?: string
  readonly name: string
  readonly print?: true
}

const steps = `
Prints the lines for .env, with new passwords and a new JWT_SECRET, to stdout:
  umask 077; bin/roost setup-database --admin-url postgres://postgres@db/postgres >> .env
Then: bin/roost migrate up. When the database or a role exists, nothing is changed (exit code 2).`

export function registerSetupDatabase(program: Command, context: CommandContext): void {
  program
    .command('setup-database')
    .description(
      'Create the database, its owner and the login of the API on a PostgreSQL server. Once, before migrate up.',
    )
    .option('--admin-url <url>', 'connection of a superuser; default: the variable ADMIN_DATABASE_URL')
    .option('--name <name>', 'the database; its roles are <name>_owner and <name>_api', 'roost')
    .option('--print', 'print the SQL instead, for psql or an administrator')
    .addHelpText('after', steps)
    .action((options: Options) => setupDatabase(context, options))
}

async function setupDatabase(context: CommandContext, options: Options): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(options.name))
    throw new CommandError('--name must begin with a letter and have only a-z, 0-9 and _, at most 41 characters')
  const setup = createSetup(options.name)
  const given = options.adminUrl ?? context.env.ADMIN_DATABASE_URL
  if (options.print) {
    printSql(context, setup, given ?? 'postgres://localhost/postgres')
    return
  }
  if (given === undefined)
    throw new CommandError(
      '--admin-url must be set: the connection of a superuser, such as postgres://postgres@db/postgres',
    )
  const admin_url = requireUrl(given)
  const connection = await connectToServer(admin_url).catch((error) => {
    throw new CommandError(`the server of --admin-url cannot be reached: ${reasonOf(error)}`)
  })
  try {
    await requireNew(connection, setup)
    await apply(connection, setup)
  } finally {
    await connection.close()
  }
  context.note(`Created the database ${setup.database} and the roles ${setup.owner} and ${setup.api}.`)
  for (const line of envLines(setup, admin_url)) context.print(line)
}

function requireUrl(given: string): string {
  try {
    return parseUrl('postgres:', 'postgresql:')(given)
  } catch (error) {
    throw new CommandError(`--admin-url ${(error as Error).message}`)
  }
}

function printSql(context: CommandContext, setup: Setup, admin_url: string): void {
  const { roles, database } = setupStatements(setup)
  context.print('-- Run as a superuser: psql --set ON_ERROR_STOP=1 postgres')
  for (const statement of ['begin', ...roles, 'commit', ...database]) context.print(`${statement};`)
  context.print('-- The lines for .env:')
  for (const line of envLines(setup, admin_url)) context.print(`--   ${line}`)
}

/** Throws CommandError when the database or a role exists: it may belong to another deployment. */
async function requireNew(connection: ServerConnection, { database, owner, api }: Setup): Promise<void> {
  const { rows } = await connection.query(
    `select 'the role ' || rolname as found from pg_catalog.pg_roles where rolname = any ($1)
     union all select 'the database ' || datname from pg_catalog.pg_database where datname = $2`,
    [[owner, api], database],
  )
  if (rows.length === 0) return
  const found = rows.map((row) => row.found).join(', ')
  throw new CommandError(`already there: ${found}. Choose another --name, or drop what an earlier attempt has left.`)
}

/** The roles are removed again when the database cannot be created. */
async function apply(connection: ServerConnection, setup: Setup): Promise<void> {
  const { roles, database } = setupStatements(setup)
  try {
    await connection.query(['begin', ...roles, 'commit'].join(';\n'))
  } catch (error) {
    throw new CommandError(`the roles could not be created, and nothing was changed: ${reasonOf(error)}`)
  }
  try {
    for (const statement of database) await connection.query(statement)
  } catch (error) {
    await connection.query(`drop database if exists ${setup.database}`)
    await connection.query(`drop role ${setup.owner}, ${setup.api}`)
    throw new CommandError(`the database could not be created, and nothing was changed: ${reasonOf(error)}`)
  }
}
