// npm test: every suite on the embedded database, then on PostgreSQL and Redis when they answer.
//   npm test                          everything
//   npm test -- src/features/bookings only files whose path contains this
// Prints what fails and how many passed. Leaves no database on the server.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { apiRole } from '../test/api-role.ts'
import { embeddedTemplate, redisUrl, serverUrl } from '../test/engines.ts'
import { dropLeftovers, dropRun, dropSharedRole, holdLease, newRunId } from '../test/server-run.ts'
import { checkIsolation } from './isolation.ts'
import { checkPlans } from './plans.ts'
import { heedSignals, interruption, runNode } from './test-processes.ts'
import { countsIn, verdictOf } from './test-reporter.ts'
import { makeRun, outcomeOf } from './test-run.ts'
import { type Selection, selectFiles } from './test-selection.ts'

/** In the names of all databases that this process and those of the tests make. */
const run_id = newRunId()
process.env.TEST_RUN_ID = run_id

const counts_file = '.test/counts.jsonl'
const times_file = '.test/times.txt'
/** In CI there are both servers, so that whatever is skipped is a mistake, but for tests on files that are not ours to give. */
const needs_no_server = 'needs the real files'
/** A test that hangs ends here. No other ends: on a machine that is busy all of them take longer. */
const test_ms = 600_000

function answers(url: string, port: number): Promise<boolean> {
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
 * Runs the files in so many processes at once, each of which takes one after the other. A process for each file would pay
 * for its modules and its first database again, three seconds of processor.
 */
async function run(engine: string, files: readonly string[], at_once = 3): Promise<void> {
  if (files.length === 0) return
  const made = makeRun(`.test/run/${engine}`, files, Math.min(at_once, files.length))
  // Again for what is left when every process has ended early: grown too large, or crashed.
  for (let left = Number.POSITIVE_INFINITY; outcomeOf(made).left > 0 && outcomeOf(made).left < left; ) {
    left = outcomeOf(made).left
    await startTests(engine, made.entries, at_once, { TEST_RUN: made.folder })
  }
  const { took, unfinished } = outcomeOf(made)
  appendFileSync(times_file, took.map(({ file, seconds }) => `${seconds.toFixed(1)} s ${file} (${engine})\n`).join(''))
  if (interruption() !== undefined) return
  for (const file of unfinished) count('failed', `${file} did not come to its end`)
}

/** A process for each file: what they count must not depend on what ran before. */
async function runApart(engine: string, files: readonly string[], at_once: number): Promise<void> {
  if (files.length > 0) await startTests(engine, files, at_once)
}

async function startTests(engine: string, files: readonly string[], at_once: number, more = {}): Promise<void> {
  const flags = ['--test', `--test-concurrency=${at_once}`, `--test-timeout=${test_ms}`, '--disable-proto=throw']
  flags.push(`--test-reporter=${import.meta.resolve('./test-reporter.ts')}`)
  // Compiling PGlite well takes longer than it saves.
  if (engine === 'embedded') flags.push('--liftoff-only')
  const own = { TEST_ENGINE: engine, TEST_COUNTS: counts_file, NODE_COMPILE_CACHE: '.test/compiled' }
  const failed_before = countsIn(counts_file).failed
  const code = await runNode([...flags, ...files], { ...process.env, ...own, ...more })
  if (interruption() !== undefined || code === 0 || countsIn(counts_file).failed > failed_before) return
  count('failed', `node --test on ${engine} ended with ${code}`)
}

/** Counts what is no test of a file; the text is told. */
function count(outcome: 'passed' | 'failed' | 'skipped', text?: string, times = 1): void {
  if (text !== undefined) process.stderr.write(`${text}\n`)
  const counts = { passed: 0, failed: 0, skipped: 0, skips: [] as string[], [outcome]: times }
  appendFileSync(counts_file, `${JSON.stringify(counts)}\n`)
}

async function runEverything(selection: Selection, is_whole: boolean): Promise<void> {
  const { alone, faults, serverOnly, onEngine, onEither, own } = selection
  const [has_server, has_redis] = [await answers(serverUrl, 5432), await answers(redisUrl, 6379)]
  const is_complete = has_server && has_redis
  await embeddedTemplate()
  const cleaned = has_server ? await prepareServer() : async () => {}
  try {
    await run('embedded', [...own, ...onEngine.filter((file) => !is_complete || !onEither.includes(file))])
    if (is_complete) {
      const together = serverOnly.filter((file) => !alone.includes(file) && !faults.includes(file))
      // Faults mostly wait until what was taken away is back.
      await Promise.all([run('postgres', [...onEngine, ...together]), runApart('postgres', faults, 1)])
      await runApart('postgres', alone, 2)
    }
    if (interruption() !== undefined) return
    if (is_whole) count((await checkIsolation(process.argv.includes('--write'))) === 0 ? 'passed' : 'failed')
    if (is_whole && is_complete) count((await checkPlans()) === 0 ? 'passed' : 'failed')
  } finally {
    await cleaned().catch((error) => count('failed', `The test databases could not be dropped: ${error}`))
  }
  if (!is_complete) tellSkipped(selection, is_whole, { has_server, has_redis })
}

/** Takes the lease of this run, drops what runs before it have left, and gives back what drops all of its own. */
async function prepareServer(): Promise<() => Promise<void>> {
  const lease = await holdLease(run_id)
  await dropLeftovers()
  return async () => {
    await dropRun(run_id)
    await dropSharedRole(apiRole, run_id)
    await lease.release()
  }
}

function tellSkipped(
  { serverOnly, onEngine, onEither }: Selection,
  is_whole: boolean,
  { has_server, has_redis }: { has_server: boolean; has_redis: boolean },
): void {
  const lacking = [!has_server && `PostgreSQL (${serverUrl})`, !has_redis && `Redis (${redisUrl})`].filter(Boolean)
  const again = onEngine.length - onEither.length
  const skipped = serverOnly.length + again + (is_whole ? 1 : 0)
  if (skipped === 0) return
  const text = [
    `\nSkipped, because ${lacking.join(' and ')} does not answer:`,
    ...serverOnly.map((file) => `  ${file}`),
    `  and the second run, on PostgreSQL, of ${again} files,`,
    '  and the plans of all statements, which are looked at on PostgreSQL.',
    'To run them: start both servers, or set TEST_DATABASE_URL and TEST_REDIS_URL.',
  ]
  count('skipped', text.join('\n'), skipped)
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  const selection = selectFiles(wanted)
  if (selection.all.length === 0) {
    process.stderr.write(`No test file matches ${wanted.join(', ')}.\n`)
    return 2
  }
  heedSignals()
  rmSync('.test/statements', { recursive: true, force: true })
  mkdirSync('.test', { recursive: true })
  for (const file of [counts_file, times_file]) writeFileSync(file, '')
  await runEverything(selection, wanted.length === 0)
  if (interruption() !== undefined) process.stderr.write('\nInterrupted.\n')
  const counts = countsIn(counts_file)
  for (const skip of counts.skips) process.stdout.write(`skipped: ${skip}\n`)
  process.stdout.write(`${verdictOf(counts)}\n`)
  const needed = counts.skipped - counts.skips.filter((skip) => skip.includes(needs_no_server)).length
  const is_bad = counts.failed > 0 || (process.env.CI === 'true' && needed > 0)
  return interruption() ?? (is_bad ? 1 : 0)
}

process.exitCode = await main()
