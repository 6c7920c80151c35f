// npm test: every test file, on PostgreSQL and Redis when they answer, else on the embedded database.
// Prints failures and counts. Drops all its databases at the end. `usage` has the options.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { apiRole } from '../test/api-role.ts'
import { chromiumPath } from '../test/browser/chromium-path.ts'
import { embeddedTemplate, redisUrl, serverUrl } from '../test/engines.ts'
import { dropLeftovers, dropRun, dropSharedRole, holdLease, newRunId } from '../test/server-run.ts'
import { checkIsolation, checkStatements } from './isolation.ts'
import { checkPlans } from './plans.ts'
import { handleSignals, interruptExitCode, runNode } from './test-processes.ts'
import { formatCounts, readCounts } from './test-reporter.ts'
import { createRun, readOutcome } from './test-run.ts'
import { type Selection, selectFiles } from './test-selection.ts'

const usage = `npm test                           everything; the core and the sweeps on both engines
npm test -- src/features/bookings  only files whose path contains this text
npm test -- --both-engines         also features, commands and stories in the browser on both engines, as in CI
npm test -- --write                also writes docs/security/tenant-isolation.md
npm test -- --help                 this text

PostgreSQL and Redis: TEST_DATABASE_URL, TEST_REDIS_URL. Chromium: CHROMIUM_PATH. CI=true: what is skipped is a failure.
CONTRIBUTING.md says more.
`
const options = ['--both-engines', '--write', '--help']

/** Part of the names of all databases of this run. */
const run_id = newRunId()
process.env.TEST_RUN_ID = run_id

const { buildConsole } = createRequire(import.meta.url)('../bin/build-console.cjs')

const counts_file = '.test/counts.jsonl'
const times_file = '.test/times.txt'
/** In CI both servers are available, so a skipped test is an error, except tests whose input files are not public. */
const needs_no_server = 'needs the real files'
/** Timeout of a test. Generous, because tests take longer on a busy machine. */
const test_timeout_ms = 600_000

function isReachable(url: string, port: number): Promise<boolean> {
  const { hostname, port: given } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(given || port), timeout: 10_000 })
    const finish = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.on('connect', () => finish(true))
    socket.on('error', () => finish(false))
    socket.on('timeout', () => finish(false))
  })
}

/**
 * Runs the files in several processes, each of which claims one file after the other. A separate process for each file would
 * load modules and create a database again, which takes three seconds of CPU time.
 */
async function run(engine: string, files: readonly string[], concurrency = 3, name = engine): Promise<void> {
  if (files.length === 0) return
  const test_run = createRun(`.test/run/${name}`, files, Math.min(concurrency, files.length))
  // Repeats for the remaining files when all processes ended early, because of their size or a crash.
  for (let remaining = Number.POSITIVE_INFINITY; ; ) {
    const { unclaimed } = readOutcome(test_run)
    if (unclaimed === 0 || unclaimed >= remaining) break
    remaining = unclaimed
    await startTests(engine, test_run.entries, concurrency, { TEST_RUN: test_run.folder })
  }
  const { durations, unfinished } = readOutcome(test_run)
  appendFileSync(
    times_file,
    durations.map(({ file, seconds }) => `${seconds.toFixed(1)} s ${file} (${engine})\n`).join(''),
  )
  if (interruptExitCode() !== undefined) return
  for (const file of unfinished) count('failed', `${file} did not finish`)
}

/** Runs each file in its own process, because their counts must not depend on other files. */
async function runSeparately(engine: string, files: readonly string[], concurrency: number): Promise<void> {
  if (files.length > 0) await startTests(engine, files, concurrency)
}

async function startTests(
  engine: string,
  files: readonly string[],
  concurrency: number,
  more: { TEST_RUN?: string } = {},
): Promise<void> {
  const flags = ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${test_timeout_ms}`]
  // The driver of the browser uses __proto__.
  if (more.TEST_RUN === undefined || !more.TEST_RUN.endsWith('browser')) flags.push('--disable-proto=throw')
  flags.push(`--test-reporter=${import.meta.resolve('./test-reporter.ts')}`)
  // The optimising compiler takes longer than it saves for PGlite.
  if (engine === 'embedded') flags.push('--liftoff-only')
  const own = { TEST_ENGINE: engine, TEST_COUNTS: counts_file, NODE_COMPILE_CACHE: '.test/compiled' }
  const failed_before = readCounts(counts_file).failed
  const code = await runNode([...flags, ...files], { ...process.env, ...own, ...more })
  if (interruptExitCode() !== undefined || code === 0 || readCounts(counts_file).failed > failed_before) return
  count('failed', `node --test on ${engine} ended with ${code}`)
}

/** Counts a result that is not a test of a file, and prints the text. */
function count(outcome: 'passed' | 'failed' | 'skipped', text?: string, times = 1): void {
  if (text !== undefined) process.stderr.write(`${text}\n`)
  const counts = { passed: 0, failed: 0, skipped: 0, skips: [] as string[], [outcome]: times }
  appendFileSync(counts_file, `${JSON.stringify(counts)}\n`)
}

async function runEverything(selection: Selection, is_whole: boolean): Promise<void> {
  const { alone, faults, serverOnly, onEngine, onEither, onBothInCheck, own } = selection
  const once = process.argv.includes('--both-engines') ? onEither : [...onEither, ...onBothInCheck]
  const [has_server, has_redis] = [await isReachable(serverUrl, 5432), await isReachable(redisUrl, 6379)]
  const is_complete = has_server && has_redis
  await embeddedTemplate()
  const cleanUp = has_server ? await prepareServer() : async () => {}
  try {
    await timed('embedded', () =>
      run('embedded', [...own, ...onEngine.filter((file) => !is_complete || !once.includes(file))]),
    )
    if (is_complete) {
      const parallel_files = serverOnly.filter((file) => !alone.includes(file) && !faults.includes(file))
      // The files of test/faults mostly wait.
      await timed('postgres', () =>
        Promise.all([run('postgres', [...onEngine, ...parallel_files]), runSeparately('postgres', faults, 1)]),
      )
      await timed('races', () => runSeparately('postgres', alone, 2))
    }
    if (chromiumPath !== undefined) await timed('browser', () => runBrowserTests(selection, is_complete))
    if (interruptExitCode() !== undefined) return
    const checkAll = () => (is_whole ? checkIsolation(process.argv.includes('--write')) : checkStatements())
    count((await timed('statements', checkAll)) === 0 ? 'passed' : 'failed')
    if (is_whole && is_complete) count((await timed('plans', checkPlans)) === 0 ? 'passed' : 'failed')
  } finally {
    await cleanUp().catch((error) => count('failed', `The test databases could not be dropped: ${error}`))
  }
  if (!is_complete) reportSkipped(selection, is_whole, { has_server, has_redis })
  if (chromiumPath === undefined) reportWithoutBrowser(selection)
}

/** On PostgreSQL when it is available, and those that are marked for both engines with --both-engines on the embedded one too. */
async function runBrowserTests({ browser, browserOnBoth }: Selection, is_complete: boolean): Promise<void> {
  if (browser.length === 0) return
  // Before there are two processes that would build it at the same time.
  if (buildConsole({ if_stale: true }) !== 0) return count('failed', 'The console could not be built.')
  // Two, because a browser mostly waits: for frames, and for the answers of the service.
  if (is_complete) await run('postgres', browser, 2, 'browser')
  const second = process.argv.includes('--both-engines') ? browserOnBoth : []
  await run('embedded', is_complete ? second : browser, 2, 'embedded-browser')
}

/** Runs a phase and adds its duration to the file of times. */
async function timed<T>(phase: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await work()
  } finally {
    appendFileSync(times_file, `${((performance.now() - began) / 1000).toFixed(1)} s phase: ${phase}\n`)
  }
}

/** Takes the lease of this run and drops leftovers of earlier runs. Returns a function that drops this run's databases. */
async function prepareServer(): Promise<() => Promise<void>> {
  const lease = await holdLease(run_id)
  await dropLeftovers()
  return async () => {
    await dropRun(run_id)
    await dropSharedRole(apiRole, run_id)
    await lease.release()
  }
}

function reportSkipped(
  { serverOnly, onEngine, onEither }: Selection,
  is_whole: boolean,
  { has_server, has_redis }: { has_server: boolean; has_redis: boolean },
): void {
  const missing = [!has_server && `PostgreSQL (${serverUrl})`, !has_redis && `Redis (${redisUrl})`].filter(Boolean)
  const second_runs = onEngine.length - onEither.length
  const skipped = serverOnly.length + second_runs + (is_whole ? 1 : 0)
  if (skipped === 0) return
  const text = [
    `\nSkipped, because ${missing.join(' and ')} cannot be reached:`,
    ...serverOnly.map((file) => `  ${file}`),
    `  the second run, on PostgreSQL, of ${second_runs} files,`,
    '  the check of query plans, which needs PostgreSQL.',
    'To run them, start both servers or set TEST_DATABASE_URL and TEST_REDIS_URL.',
  ]
  count('skipped', text.join('\n'), skipped)
}

function reportWithoutBrowser({ browser }: Selection): void {
  if (browser.length === 0) return
  const text = [
    '\nSkipped, because Chromium is not installed:',
    ...browser.map((file) => `  ${file}`),
    'To run them, install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  ]
  count('skipped', text.join('\n'), browser.length)
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
  const unknown = process.argv.slice(2).filter((one) => one.startsWith('-') && !options.includes(one))
  if (unknown.length > 0) process.stderr.write(`Unknown: ${unknown.join(', ')}\n\n`)
  if (unknown.length > 0 || process.argv.includes('--help')) {
    process.stdout.write(usage)
    return unknown.length > 0 ? 2 : 0
  }
  const selection = selectFiles(wanted)
  if (selection.all.length === 0) {
    process.stderr.write(`No test file matches ${wanted.join(', ')}.\n`)
    return 2
  }
  handleSignals()
  rmSync('.test/statements', { recursive: true, force: true })
  mkdirSync('.test', { recursive: true })
  for (const file of [counts_file, times_file]) writeFileSync(file, '')
  await runEverything(selection, wanted.length === 0)
  if (interruptExitCode() !== undefined) process.stderr.write('\nInterrupted.\n')
  const counts = readCounts(counts_file)
  for (const skip of counts.skips) process.stdout.write(`skipped: ${skip}\n`)
  process.stdout.write(`${formatCounts(counts)}\n`)
  const needed = counts.skipped - counts.skips.filter((skip) => skip.includes(needs_no_server)).length
  const is_bad = counts.failed > 0 || (process.env.CI === 'true' && needed > 0)
  return interruptExitCode() ?? (is_bad ? 1 : 0)
}

process.exitCode = await main()
