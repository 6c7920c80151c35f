// roost import: output, report file and exit codes.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { parse } from 'csv-parse/sync'
import { north } from '../../test/cast.ts'
import { silent } from '../../test/engines.ts'
import { csv, fileOf } from '../../test/import-files.ts'
import { openImportFixture } from '../../test/import-fixture.ts'
import { parseConfig } from '../config.ts'
import { type CommandContext, CommandError } from './context.ts'
import { registerImport } from './import.ts'

const { store, rows } = await openImportFixture()
const header = ['id', 'name', 'property_type', 'accommodates', 'price']

interface Outcome {
  readonly out: string
  readonly code: number
}

/** Runs `roost <args>`. Returns its output and the exit code that main.ts would set. */
async function roost(...args: string[]): Promise<Outcome> {
  const lines: string[] = []
  let code = 0
  const config = parseConfig({ DATABASE_URL: 'postgres://unused', JWT_SECRET: 'x'.repeat(40) })
  const context: CommandContext = {
    env: {},
    config: async () => config,
    log: silent,
    print: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    is_terminal: false,
    withStore: (work) => work(store, config),
    fail: () => {
      code = 1
    },
  }
  const program = new Command('roost').exitOverride().configureOutput({ writeErr: (text) => void lines.push(text) })
  registerImport(program, context)
  for (const command of program.commands.flatMap((group) => group.commands)) {
    command.exitOverride().configureOutput({ writeErr: (text) => void lines.push(text) })
  }
  try {
    await program.parseAsync(['node', 'roost', ...args])
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof CommanderError)) throw error
    lines.push(error.message)
    code = 2
  }
  return { out: lines.join('\n'), code }
}

const listings = (...ids: (string | number)[]) =>
  csv(header, ...ids.map((id) => [id, `Listing ${id}`, 'Entire home', 4, '$100.00']))
const count = async () =>
  Number((await rows('select count(*)::int from properties where agency_id = $1', north))[0]?.count)

/** Runs `roost import listings` for the agency north, in SEK. */
const importListings = (file: string, ...more: string[]) =>
  roost('import', 'listings', file, '--agency', 'north', '--currency', 'SEK', ...more)

test('a valid file prints counts and notes and exits with 0; a dry run saves nothing', async () => {
  const file = fileOf(listings('a', 'b'))
  const before = await count()
  const dry_run = await importListings(file, '--dry-run')
  assert.equal(dry_run.code, 0)
  assert.match(dry_run.out, /^Dry run: nothing was saved/)
  assert.match(
    dry_run.out,
    / {2}rows +2\n {2}created +2\n {2}updated +0\n {2}skipped +0\n {2}conflict +0\n {2}error +0\nNote: prices are read as SEK\./,
  )
  assert.equal(await count(), before)
  const { out, code } = await importListings(file)
  assert.deepEqual([code, out.split('\n')[0]], [0, 'Imported:'])
  assert.equal(await count(), before + 2)
})

test('rows that were not saved: exit code 1, 20 are shown, all are in --report and --json', async () => {
  const bad = Array.from({ length: 30 }, (_, index) => [
    `=${index}`,
    'Home',
    'Entire home',
    `=cmd()\u001b[2J${index}`,
    '',
  ])
  const file = fileOf(csv(header, ['c', 'Home c', 'Boat', 2, ''], ...bad))
  const report = join(file, '..', 'problems.csv')
  const { out, code } = await importListings(file, '--report', report)
  assert.equal(code, 1)
  assert.equal(out.match(/^ {2}line \d+, error: accommodates is not a whole number/gm)?.length, 20)
  assert.match(out, /… and 10 more; all of them in .*problems\.csv/)
  assert.doesNotMatch(out.replaceAll('\n', ''), /\p{Cc}/u)
  const saved = parse(readFileSync(report, 'utf8'), { columns: true }) as Record<string, string>[]
  assert.equal(saved.length, 30)
  assert.equal(saved[0]?.value, `'=cmd()\u001b[2J0`)
  const json = await importListings(file, '--json')
  const { dry_run, rows, skipped, error, problems } = JSON.parse(json.out)
  assert.deepEqual([json.code, dry_run, rows, skipped, error, problems.length], [1, false, 31, 1, 30, 30])
})

test('a command that cannot run exits with 2 and one line that says what to do', async () => {
  const file = fileOf(listings('z'))
  const before = await count()
  const cases: [string[], RegExp][] = [
    [['listings', file, '--agency', 'north'], /--currency SEK/],
    [['listings', file, '--agency', 'nowhere', '--currency', 'SEK'], /no agency has the slug nowhere/],
    [['listings', join(file, 'x'), '--agency', 'north', '--currency', 'SEK'], /cannot read/],
    [['listings', file, '--currency', 'SEK'], /required option '--agency/],
    [['bookings', file, '--agency', 'north'], /use roost import listings/],
    [['bookings', fileOf('a,b\n1,2\n'), '--agency', 'north'], /Missing: /],
    [['bookings', file, '--agency', 'north', '--alias', 'x'], /title in the file=name/],
    [['bookings', file, '--agency', 'north', '--map', 'code=a'], /no column for start, end, listing/],
    [['bookings', file, '--agency', 'north', '--date-order', 'ymd'], /Allowed choices are mdy, dmy, iso/],
  ]
  for (const [args, reason] of cases) {
    const { out, code } = await roost('import', ...args)
    assert.equal(code, 2, out)
    assert.match(out, reason)
  }
  assert.equal(await count(), before)
})

test('a report that cannot be written is refused before anything is imported', async () => {
  const file = fileOf(listings('d'))
  const before = await count()
  const report = join(file, 'not-a-folder', 'problems.csv')
  const { out, code } = await importListings(file, '--report', report)
  assert.equal(code, 2)
  assert.match(out, /the report cannot be written to .*Nothing was imported/)
  assert.equal(existsSync(report), false)
  assert.equal(await count(), before)
})

test('bookings are imported by listing name, or with --assign', async () => {
  const airbnb =
    'Confirmation code,Status,Guest name,Contact,# of adults,# of children,# of infants,Start date,End date,# of nights,Booked,Listing,Earnings'
  const file = fileOf(
    `${airbnb}\r\nHM1,Confirmed,Ada Lovelace,,2,0,0,7/14/2025,7/17/2025,3,1/1/2025,Lake House,€412.50\r\n`,
  )
  const { out, code } = await roost('import', 'bookings', file, '--agency', 'north')
  assert.equal(code, 0, out)
  assert.match(out, /created +1/)
  const stays =
    'is_canceled,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,adr'
  const list = fileOf(`${stays}\n0,2015,July,1,0,2,2,75\n`)
  assert.equal((await roost('import', 'bookings', list, '--agency', 'north')).code, 2)
  assert.equal((await roost('import', 'bookings', list, '--agency', 'north', '--assign')).code, 0)
})
