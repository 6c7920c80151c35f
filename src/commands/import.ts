// roost import listings|bookings: a file into an agency, a report of what became of each row.
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Database } from '../core/postgres/database.ts'
import type { Agency } from '../features/agencies/agencies.ts'
import { type DateOrder, dateOrders } from '../features/imports/dates.ts'
import { ImportError } from '../features/imports/import-errors.ts'
import { type ImportReport, outcomes, type Problem, problemsCsv } from '../features/imports/report.ts'
import type { RunOptions } from '../features/imports/run.ts'
import { requireAgency } from './agency.ts'
import { type CommandContext, CommandError } from './context.ts'
import { progressBar } from './progress.ts'

export function registerImport(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description('Bring properties and bookings in from CSV files; a second import of the same file changes nothing.')
  withCommonOptions(command.command('listings <file>'))
    .description('Listings of Inside Airbnb (listings.csv) -> properties. Empty cells never erase what is there.')
    .option('--currency <code>', 'ISO 4217, of the prices; required: the "$" in the file says nothing about it')
    .action((file: string, options: ListingsOptions) =>
      run(context, file, options, async (db, agency, progress) => {
        const { importListings } = await imports()
        return importListings(db, { file, agency_id: agency.id, currency: options.currency, ...progress })
      }),
    )
  withCommonOptions(command.command('bookings <file>'))
    .description("Airbnb's reservations export -> bookings; with --assign, files of stays that name no unit.")
    .option('--assign', 'give each stay the first property that is free and large enough')
    .option('--currency <code>', "ISO 4217, of the amounts (default: each property's own; EUR with --assign)")
    .addOption(
      new Option('--date-order <order>', 'how dates are written (default: seen from the file)').choices(dateOrders),
    )
    .action((file: string, options: BookingsOptions) =>
      run(context, file, options, async (db, agency, progress) => {
        const { importBookings } = await imports()
        const { currency, dateOrder: date_order, assign } = options
        const given = { currency, date_order, has_assignment: assign === true }
        return importBookings(db, { file, agency_id: agency.id, ...given, ...progress })
      }),
    )
}

/** Loaded by those who import: every other command starts without it. */
const imports = () => import('../features/imports/imports.ts')

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
    .requiredOption('--agency <slug>', 'the agency they belong to')
    .option('--dry-run', 'do everything, save nothing; holds the nights of the file until it ends')
    .option('--report <csv>', 'write every row that was not saved to this file')
    .option('--json', 'print the whole report as JSON')
}

type Work = (db: Database, agency: Agency, progress: RunOptions) => Promise<ImportReport>

async function run(context: CommandContext, file: string, options: CommonOptions, work: Work): Promise<void> {
  const is_dry_run = options.dryRun === true
  const report = await context.withStore(async ({ db }) => {
    const agency = await requireAgency(db, options.agency)
    const bar = progressBar(context, basename(file), options.json !== true)
    try {
      return await work(db, agency, { is_dry_run, onProgress: bar.update })
    } catch (error) {
      throw error instanceof ImportError ? new CommandError(error.message) : error
    } finally {
      bar.stop()
    }
  })
  if (options.report !== undefined) await saveProblems(options.report, report.problems)
  const lines = options.json ? [JSON.stringify({ dry_run: is_dry_run, ...report }, null, 2)] : summary(report, options)
  for (const line of lines) context.print(options.json ? line : printable(line))
  if (report.conflict + report.error > 0) context.fail()
}

async function saveProblems(path: string, problems: readonly Problem[]): Promise<void> {
  await writeFile(path, problemsCsv(problems)).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`the import is done, but the report cannot be written to ${path}: ${error.code}`)
  })
}

const max_shown = 20

function summary(report: ImportReport, { dryRun, report: path }: CommonOptions): string[] {
  const counts = (['rows', ...outcomes] as const).map(
    (name) => `  ${name.padEnd(9)}${String(report[name]).padStart(8)}`,
  )
  const shown = report.problems.slice(0, max_shown).map(problemLine)
  const rest = report.problems.length - shown.length
  const where = path === undefined ? 'all of them with --json or --report FILE' : `all of them in ${path}`
  return [
    dryRun ? 'Dry run: nothing was saved. An import would do this:' : 'Imported:',
    ...counts,
    ...report.notes.map((note) => `Note: ${note}.`),
    ...(shown.length > 0 ? ['Not saved:', ...shown] : []),
    ...(rest > 0 ? [`  … and ${rest} more; ${where}`] : []),
  ]
}

function problemLine({ line, column, outcome, reason, value }: Problem): string {
  const shown = value === undefined ? '' : ` (${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)})`
  return `  line ${line}, ${outcome}: ${column === null ? '' : `${column} `}${reason}${shown}`
}

/** Text of the file must not move the cursor of the terminal it is shown on. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}
