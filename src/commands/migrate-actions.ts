// roost migrate up, down, status and plan: output and exit codes.
import type { Command } from 'commander'
import type { MigrationStatus } from '../core/migrations/history.ts'
import type { Migrator } from '../core/migrations/migrations.ts'
import type { Applied } from '../core/migrations/steps.ts'

export interface MigrateDeps {
  /** Opens the connection, runs `fn` and closes the connection. */
  withMigrator<T>(fn: (migrator: Migrator) => Promise<T>): Promise<T>
  /** Prints a line to stdout. */
  print(line: string): void
}

interface UpOptions {
  readonly to?: string
}
interface DownOptions extends UpOptions {
  readonly acceptDataLoss?: boolean
}
interface ReportOptions {
  readonly json?: boolean
}

const exit_codes = `
Exit codes: 0 done, or up to date; 1 migrations are pending, or a file failed; 2 could not run; 3 refused, because files
and database disagree or rows would be lost.`

/** Adds `migrate` to the program. Refusals and failures are thrown as MigrationError, whose exit_code the caller sets. */
export function addMigrate(program: Command, deps: MigrateDeps): void {
  const migrate = program
    .command('migrate')
    .description('Apply and roll back the schema migrations of supabase/migrations.')
    .addHelpText('after', exit_codes)
  migrate
    .command('up')
    .description('Apply pending migrations, oldest first, each in its own transaction.')
    .option('--to <version>', 'stop after this version (14 digits)')
    .action((options: UpOptions) => deps.withMigrator((migrator) => up(migrator, deps, options)))
  migrate
    .command('down')
    .description('Roll back the newest migration; with --to, all that are newer than the version.')
    .option('--to <version>', 'roll back until this version is the newest; 0 rolls back all')
    .option('--accept-data-loss', 'continue although rows will be lost; they are first copied to the schema archive')
    .action((options: DownOptions) => deps.withMigrator((migrator) => down(migrator, deps, options)))
  migrate
    .command('status')
    .description('Show which migrations are applied. Exit code 1 unless all are applied.')
    .option('--json', 'as JSON')
    .action((options: ReportOptions) => deps.withMigrator((migrator) => status(migrator, deps, options)))
  migrate
    .command('plan')
    .description('Show what `up` would run, with warnings about locks, lost data and missing protection.')
    .option('--json', 'as JSON')
    .action((options: ReportOptions) => deps.withMigrator((migrator) => plan(migrator, deps, options)))
}

async function up(migrator: Migrator, { print }: MigrateDeps, { to }: UpOptions): Promise<void> {
  const applied = await migrator.up({ to })
  for (const line of formatTable(applied.map((step) => ['applied', ...describe(step)]))) print(line)
  const where = describeVersion(await migrator.status())
  print(applied.length === 0 ? `Nothing to apply: ${where}.` : `Done: ${where}.`)
}

async function down(migrator: Migrator, { print }: MigrateDeps, options: DownOptions): Promise<void> {
  const rolled_back = await migrator.down({ to: options.to, accept_data_loss: options.acceptDataLoss })
  for (const line of formatTable(rolled_back.map((step) => ['rolled back', ...describe(step)]))) print(line)
  for (const copy of rolled_back.flatMap(({ archived }) => archived)) print(`Rows copied to ${copy}.`)
  const where = describeVersion(await migrator.status())
  print(rolled_back.length === 0 ? `Nothing to roll back: ${where}.` : `Done: ${where}.`)
}

const describe = ({ version, name, duration_ms }: Applied) => [version, name, `${duration_ms} ms`]

async function status(migrator: Migrator, { print }: MigrateDeps, { json }: ReportOptions): Promise<void> {
  const migrations = await migrator.status()
  const is_current = migrations.every(({ state }) => state === 'applied')
  if (!is_current) process.exitCode = 1
  if (json === true) {
    const current_version = newest(migrations)?.version ?? null
    print(JSON.stringify({ is_current, current_version, migrations }, null, 2))
    return
  }
  const rows = migrations.map(({ version, name, state, applied_at }) => [
    version,
    name,
    state_labels[state],
    applied_at ?? '',
  ])
  for (const line of formatTable([['VERSION', 'NAME', 'STATE', 'APPLIED AT'], ...rows])) print(line)
  print(summary(migrations))
}

const state_labels: Readonly<Record<MigrationStatus['state'], string>> = {
  applied: 'applied',
  pending: 'pending',
  changed: 'CHANGED after it was applied',
  no_file: 'applied, NO FILE',
  out_of_order: 'pending, OUT OF ORDER',
}

function summary(migrations: readonly MigrationStatus[]): string {
  const pending = migrations.filter(({ state }) => state === 'pending').length
  const wrong = migrations.filter(({ state }) => state !== 'pending' && state !== 'applied').length
  const where = capitalize(describeVersion(migrations))
  if (wrong > 0) return `${where}; files and database disagree on ${wrong}. For details: roost migrate plan`
  return pending > 0 ? `${where}; ${pending} pending. Apply with: roost migrate up` : `${where}: up to date.`
}

async function plan(migrator: Migrator, { print }: MigrateDeps, { json }: ReportOptions): Promise<void> {
  const steps = await migrator.plan()
  if (json === true) {
    print(JSON.stringify({ steps }, null, 2))
    return
  }
  for (const { version, name, statements, warnings } of steps) {
    print(`${version} ${name}`)
    for (const statement of statements) print(`${indent(statement)};`)
    for (const warning of warnings) print(`  WARNING ${warning}`)
    print('')
  }
  const num_warnings = steps.flatMap(({ warnings }) => warnings).length
  const where = describeVersion(await migrator.status())
  print(
    steps.length === 0
      ? `Nothing to apply: ${where}.`
      : `To apply: ${steps.length}, warnings: ${num_warnings}; ${where}. Apply with: roost migrate up`,
  )
}

const indent = (text: string) => text.replace(/^/gm, '  ')

const newest = (all: readonly MigrationStatus[]) =>
  all.findLast(({ state }) => state !== 'pending' && state !== 'out_of_order')

function describeVersion(all: readonly MigrationStatus[]): string {
  const at = newest(all)
  return at === undefined ? 'no migration is applied' : `the database is at ${at.version} (${at.name})`
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Pads each column to its widest cell. */
function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
