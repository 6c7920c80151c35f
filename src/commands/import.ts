// roost import listings|bookings: imports a CSV or Excel file into an agency and prints a report.
import { open, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Database } from '../core/postgres/database.ts'
import type { Warning } from '../features/imports/channel-stay.ts'
import { type DateOrder, dateOrders } from '../features/imports/csv/dates.ts'
import { mappableFields, stayFormats } from '../features/imports/formats/all-stays.ts'
import { channelNames } from '../features/imports/formats/status-labels.ts'
import { ImportError } from '../features/imports/import-errors.ts'
import { outcomes } from '../features/imports/importer.ts'
import { type Change, type ImportReport, type Problem, reportCsv } from '../features/imports/report.ts'
import type { RunOptions } from '../features/imports/run.ts'
import { type AliasOption, parseAlias } from '../features/imports/stay-lookup.ts'
import { requireAgency } from './agency.ts'
import { type CommandContext, CommandError } from './context.ts'
import { startProgress } from './progress.ts'

export function registerImport(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description('Import properties and bookings from CSV and Excel files. Repeating an import changes nothing.')
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
  registerBookings(command, context)
}

function registerBookings(command: Command, context: CommandContext): void {
  withCommonOptions(command.command('bookings <file>'))
    .description(
      `Import bookings from the exports of channels (${stayFormats.map(({ id }) => id).join(', ')}; docs/imports.md), of other ` +
        'files with --map, of stays without a unit with --assign. Only what the channel has changed since the last import is ' +
        'applied; changes of the office stay.',
    )
    .option('--format <name>', 'the format (default: detected from the header)')
    .option(
      '--map <pairs>',
      `the columns of a file of another format: code=Booking no,start=From,end=To,listing=House. Fields: ${mappableFields.join(', ')}`,
    )
    .addOption(
      new Option('--source <channel>', 'the channel of every row (default: as the file says)').choices(channelNames),
    )
    .option(
      '--alias <title=property>',
      'another title of a property, by name or external id; remembered; may be repeated',
      addAlias,
      [],
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
        const { currency, dateOrder: date_order, assign, format, map, source, alias: aliases } = options
        const has_assignment = assign === true
        const request = { file, agency_id, currency, date_order, has_assignment, format, map, source, aliases }
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
  format?: string
  map?: string
  source?: (typeof channelNames)[number]
  alias: AliasOption[]
}

function addAlias(text: string, earlier: readonly AliasOption[]): AliasOption[] {
  const alias = parseAlias(text)
  if (alias === undefined) throw new CommandError(`--alias ${text}: write "title in the file=name of the property"`)
  return [...earlier, alias]
}

function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--agency <slug>', 'the agency to import into')
    .option('--dry-run', 'run the import and roll it back; locks the nights of the file until it ends')
    .option('--report <csv>', 'write to this file what was not saved, what is odd, and what changed, field by field')
    .option('--json', 'print the whole report as JSON')
}

type Work = (db: Database, agency_id: string, run_options: RunOptions) => Promise<ImportReport>

async function run(context: CommandContext, file: string, options: CommonOptions, work: Work): Promise<void> {
  const is_dry_run = options.dryRun === true
  if (options.report !== undefined) await requireWritable(options.report)
  const report = await context.withStore(async ({ db }) => {
    const agency = await requireAgency(db, options.agency)
    const bar = startProgress(context, basename(file), options.json !== true)
    const interruption = new AbortController()
    const interrupt = () => interruption.abort()
    // Once: a second Ctrl+C ends the process at once.
    process.once('SIGINT', interrupt)
    try {
      return await work(db, agency.id, { is_dry_run, onProgress: bar.update, signal: interruption.signal })
    } catch (error) {
      throw error instanceof ImportError ? new CommandError(error.message) : error
    } finally {
      process.off('SIGINT', interrupt)
      bar.stop()
    }
  })
  if (options.report !== undefined) await saveReport(options.report, report)
  if (options.json) context.print(JSON.stringify({ dry_run: is_dry_run, ...report }, null, 2))
  else for (const line of formatReport(report, options)) context.print(printable(line))
  if (report.conflict + report.error > 0) context.fail()
}

/** Throws CommandError, before anything is imported. Leaves an existing file as it is. */
async function requireWritable(path: string): Promise<void> {
  const file = await open(path, 'a').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`the report cannot be written to ${path}: ${error.code}. Nothing was imported`)
  })
  await file.close()
}

async function saveReport(path: string, report: ImportReport): Promise<void> {
  await writeFile(path, reportCsv(report)).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`the import is complete, but the report cannot be written to ${path}: ${error.code}`)
  })
}

const max_shown = 20

function formatReport(report: ImportReport, { dryRun, report: path }: CommonOptions): string[] {
  const counts = (['rows', ...outcomes] as const).map(
    (name) => `  ${name.padEnd(9)}${String(report[name]).padStart(8)}`,
  )
  const where = path === undefined ? 'all of them with --json or --report FILE' : `all of them in ${path}`
  const listed = (title: string, lines: readonly string[]) => {
    const num_more = lines.length - max_shown
    const more = num_more > 0 ? [`  … and ${num_more} more; ${where}`] : []
    return lines.length === 0 ? [] : [title, ...lines.slice(0, max_shown), ...more]
  }
  return [
    dryRun ? 'Dry run: nothing was saved. The import would give this result:' : 'Imported:',
    ...counts,
    ...report.notes.map((note) => `Note: ${note}.`),
    ...listed(
      dryRun ? 'Would not be saved as they are:' : 'Not saved as they are:',
      report.problems.map(formatProblem),
    ),
    ...listed(dryRun ? 'Would be saved, but:' : 'Saved, but:', report.warnings.map(formatWarning)),
    ...listed(dryRun ? 'Would change:' : 'Changed:', report.changes.map(formatChange)),
  ]
}

function formatWarning({ line, column, reason, value }: Warning): string {
  return `  line ${line}: ${column === null ? '' : `${column} `}${reason}${value === '' ? '' : ` (${shorten(value)})`}`
}

function formatChange({ line, code, field, before, after }: Change): string {
  return `  line ${line}, ${code}: ${field} ${before === '' ? 'empty' : shorten(before)} -> ${shorten(after)}`
}

function shorten(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

function formatProblem({ line, column, outcome, reason, value }: Problem): string {
  const shown = value === undefined ? '' : ` (${shorten(value)})`
  return `  line ${line}, ${outcome}: ${column === null ? '' : `${column} `}${reason}${shown}`
}

/** Replaces control characters: text from the file must not send escape sequences to the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}
