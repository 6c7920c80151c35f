// roost migrate up | down | status | plan: what each prints, and with which exit code it ends.
import type { Command } from 'commander'
import type { MigrationStatus } from '../core/migrations/ledger.ts'
import type { Migrator } from '../core/migrations/migrations.ts'
import type { Applied } from '../core/migrations/steps.ts'

export interface MigrateDeps {
  /** Opens the connection, runs `fn`, closes it. */
  withMigrator<T>(fn: (migrator: Migrator) => Promise<T>): Promise<T>
  /** A line on stdout. */
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
Exit codes: 0 done, or up to date; 1 pending migrations, or a file failed; 2 could not run; 3 refused, because files and
database disagree or rows would be lost.`

/** Adds `migrate` to the program. Refusals and failures are thrown as MigrationError, whose exit_code the caller sets. */
export function addMigrate(program: Command, deps: MigrateDeps): void {
  const migrate = program
    .command('migrate')
    .description('Apply and undo the schema migrations of supabase/migrations.')
    .addHelpText('after', exit_codes)
  migrate
    .command('up')
    .description('Apply pending migrations, oldest first, each in its own transaction.')
    .option('--to <version>', 'stop after this version (14 digits)')
    .action((options: UpOptions) => deps.withMigrator((migrator) => up(migrator, deps, options)))
  migrate
    .command('down')
    .description('Undo the newest migration, or with --to all that are newer than VERSION.')
    .option('--to <version>', 'undo until this version is the newest; 0 undoes all')
    .option('--accept-data-loss', 'go on although rows will be lost; they are first copied to the schema archive')
    .action((options: DownOptions) => deps.withMigrator((migrator) => down(migrator, deps, options)))
  migrate
    .command('status')
    .description('Show which migrations are applied. Exit code 1 unless all are.')
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
  for (const line of table(applied.map((step) => ['applied', ...describe(step)]))) print(line)
  const where = whereIs(await migrator.status())
  print(applied.length === 0 ? `Nothing to apply: ${where}.` : `Done: ${where}.`)
}

async function down(migrator: Migrator, { print }: MigrateDeps, options: DownOptions): Promise<void> {
  const undone = await migrator.down({ to: options.to, accept_data_loss: options.acceptDataLoss })
  for (const line of table(undone.map((step) => ['undone', ...describe(step)]))) print(line)
  for (const copy of undone.flatMap(({ archived }) => archived)) print(`Rows kept in ${copy}.`)
  const where = whereIs(await migrator.status())
  print(undone.length === 0 ? `Nothing to undo: ${where}.` : `Done: ${where}.`)
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
  const rows = migrations.map(({ version, name, state, applied_at }) => [version, name, words[state], applied_at ?? ''])
  for (const line of table([['VERSION', 'NAME', 'STATE', 'APPLIED AT'], ...rows])) print(line)
  print(summary(migrations))
}

const words: Readonly<Record<MigrationStatus['state'], string>> = {
  applied: 'applied',
  pending: 'pending',
  changed: 'CHANGED since it was applied',
  no_file: 'applied, NO FILE here',
  out_of_order: 'pending, OUT OF ORDER',
}

function summary(migrations: readonly MigrationStatus[]): string {
  const pending = migrations.filter(({ state }) => state === 'pending').length
  const wrong = migrations.filter(({ state }) => state !== 'pending' && state !== 'applied').length
  const where = capitalised(whereIs(migrations))
  if (wrong > 0) return `${where}; files and database disagree on ${wrong}. What to do: roost migrate plan`
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
    for (const statement of statements) print(`${indented(statement)};`)
    for (const warning of warnings) print(`  WARNING ${warning}`)
    print('')
  }
  const num_warnings = steps.flatMap(({ warnings }) => warnings).length
  const where = whereIs(await migrator.status())
  print(
    steps.length === 0
      ? `Nothing to apply: ${where}.`
      : `To apply: ${steps.length}, warnings: ${num_warnings}; ${where}. Apply with: roost migrate up`,
  )
}

const indented = (text: string) => text.replace(/^/gm, '  ')

const newest = (all: readonly MigrationStatus[]) =>
  all.findLast(({ state }) => state !== 'pending' && state !== 'out_of_order')

function whereIs(all: readonly MigrationStatus[]): string {
  const at = newest(all)
  return at === undefined ? 'no migration is applied' : `the database is at ${at.version} (${at.name})`
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
