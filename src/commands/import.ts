// roost import listings|bookings: imports a CSV file into an agency and prints a report.
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Database } from '../core/postgres/database.ts'
import { type DateOrder, dateOrders } from '../features/imports/csv/dates.ts'
import { ImportError } from '../features/imports/import-errors.ts'
import { outcomes } from '../features/imports/importer.ts'
import { type ImportReport, type Problem, problemsCsv } from '../features/imports/report.ts'
import type { RunOptions } from '../features/imports/run.ts'
import { requireAgency } from './agency.ts'
import { type CommandContext, CommandError } from './context.ts'
import { startProgress } from './progress.ts'

export function registerImport(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description('Import properties and bookings from CSV files. Repeating an import changes nothing.')
  withCommonOptions(command.command('listings <file>'))
    .description('Import properties from Inside Airbnb (listings.csv). Empty cells do not delete existing values.')
    .option(
      '--currency <code>',
      'currency of the prices, ISO 4217; required, because the "$" in the file does not identify it',
    )
    .action((file: string, options: ListingsOptions) =>
      run(context, file, options, async (db, agency_id, run_options) => {
        const { importListings } = await loadImports()
        return importListings(db, { file, agency_id, currency: options.currency, ...run_options })
      }),
    )
  withCommonOptions(command.command('bookings <file>'))
    .description(
      "Import bookings from Airbnb's reservations export; with --assign, from files of stays without a unit.",
    )
    .option('--assign', 'assign each stay to the first property that is free and large enough')
    .option(
      '--currency <code>',
      'currency of the amounts, ISO 4217 (default: that of each property; EUR with --assign)',
    )
    .addOption(
      new Option('--date-order <order>', 'order of day and month (default: detected from the file)').choices(
        dateOrders,
      ),
    )
    .action((file: string, options: BookingsOptions) =>
      run(context, file, options, async (db, agency_id, run_options) => {
        const { importBookings } = await loadImports()
        const { currency, dateOrder: date_order, assign } = options
        const request = { file, agency_id, currency, date_order, has_assignment: assign === true }
        return importBookings(db, { ...request, ...run_options })
      }),
    )
}

/** Imported on demand, so that other commands start faster. */
const loadImports = () => import('../features/imports/imports.ts')

interface CommonOptions {
  agency: string
  dryRun?: true
  json?: true
  report?: string
}

interface ListingsOptions extends CommonOptions {
  currency?: string
}

interface BookingsOptions extends ListingsOptions {
  assign?: true
  dateOrder?: DateOrder
}

function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--agency <slug>', 'the agency to import into')
    .option('--dry-run', 'run the import and roll it back; locks the nights of the file until it ends')
    .option('--report <csv>', 'write the rows that were not saved to this file')
    .option('--json', 'print the whole report as JSON')
}

type Work = (db: Database, agency_id: string, run_options: RunOptions) => Promise<ImportReport>

async function run(context: CommandContext, file: string, options: CommonOptions, work: Work): Promise<void> {
  const is_dry_run = options.dryRun === true
  const report = await context.withStore(async ({ db }) => {
    const agency = await requireAgency(db, options.agency)
    const bar = startProgress(context, basename(file), options.json !== true)
    try {
      return await work(db, agency.id, { is_dry_run, onProgress: bar.update })
    } catch (error) {
      throw error instanceof ImportError ? new CommandError(error.message) : error
    } finally {
      bar.stop()
    }
  })
  if (options.report !== undefined) await saveProblems(options.report, report.problems)
  if (options.json) context.print(JSON.stringify({ dry_run: is_dry_run, ...report }, null, 2))
  else for (const line of formatReport(report, options)) context.print(printable(line))
  if (report.conflict + report.error > 0) context.fail()
}

async function saveProblems(path: string, problems: readonly Problem[]): Promise<void> {
  await writeFile(path, problemsCsv(problems)).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`the import is complete, but the report cannot be written to ${path}: ${error.code}`)
  })
}

const max_shown = 20

function formatReport(report: ImportReport, { dryRun, report: path }: CommonOptions): string[] {
  const counts = (['rows', ...outcomes] as const).map(
    (name) => `  ${name.padEnd(9)}${String(report[name]).padStart(8)}`,
  )
  const shown = report.problems.slice(0, max_shown).map(formatProblem)
  const num_more = report.problems.length - shown.length
  const where = path === undefined ? 'all of them with --json or --report FILE' : `all of them in ${path}`
  return [
    dryRun ? 'Dry run: nothing was saved. Result of the import:' : 'Imported:',
    ...counts,
    ...report.notes.map((note) => `Note: ${note}.`),
    ...(shown.length > 0 ? ['Not saved:', ...shown] : []),
    ...(num_more > 0 ? [`  … and ${num_more} more; ${where}`] : []),
  ]
}

function formatProblem({ line, column, outcome, reason, value }: Problem): string {
  const shown = value === undefined ? '' : ` (${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)})`
  return `  line ${line}, ${outcome}: ${column === null ? '' : `${column} `}${reason}${shown}`
}

/** Replaces control characters: text from the file must not send escape sequences to the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}
