// npm test: every suite on the embedded database, then on PostgreSQL and Redis when they answer.
//   npm test                          everything
//   npm test -- src/features/bookings only files whose path contains this
import { spawn } from 'node:child_process'
import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { embeddedTemplate, postgresTemplate, redisUrl, serverUrl } from '../test/engines.ts'
import { checkIsolation } from './isolation.ts'
import { checkPlans } from './plans.ts'
import { makeRun, outcomeOf } from './test-run.ts'

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const all = globSync('{src,test,scripts}/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  // The largest first: most of the longest are among them, and none should run on when all others are done.
  .sort((a, b) => statSync(b).size - statSync(a).size)
const serverOnly = all.filter((file) => file.endsWith('.server.test.ts'))
/** These race many clients and say how quick they are: nothing else may run beside them. */
const alone = serverOnly.filter((file) => file.startsWith('test/races/'))
/** These take things away and mostly wait until they are back: two at once. */
const faults = serverOnly.filter((file) => file.startsWith('test/faults/'))
const onBoth = all.filter((file) => !serverOnly.includes(file))
const textOf = (file: string) => readFileSync(file, 'utf8')
/** Suites that do not open a database of the harness prove the same on either engine, so they run once. */
const onEngine = onBoth.filter((file) => /from '[./]+(test\/)?(harness|engines)\.ts'/.test(textOf(file)))
/** Those that open one and say why it does not matter which run on PostgreSQL, where there is one: it is quicker. */
const onEither = onEngine.filter((file) => /^\/\/ One engine is enough: /m.test(textOf(file)))

function answers(url: string, port: number): Promise<boolean> {
  const { hostname, port: given } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(given || port), timeout: 1000 })
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
 * Runs the files in so many processes at once, each of which takes one after the other, and passes the runner's exit
 * code on. A process for each file would pay for its modules and its first database again, three seconds of processor.
 */
async function run(engine: string, files: readonly string[], at_once = 3): Promise<number> {
  if (files.length === 0) return 0
  process.stdout.write(`\n=== ${files.length} test files on ${engine}, ${at_once} at once ===\n`)
  const made = makeRun(`.test/run/${engine}`, files, Math.min(at_once, files.length))
  const codes: number[] = []
  // Again for what is left when every process has ended early: grown too large, or crashed.
  for (let left = Number.POSITIVE_INFINITY; outcomeOf(made).left > 0 && outcomeOf(made).left < left; ) {
    left = outcomeOf(made).left
    codes.push(await startTests(engine, made.entries, at_once, { TEST_RUN: made.folder }))
  }
  const { took, unfinished } = outcomeOf(made)
  const longest = took.slice(0, 5).map(({ file, seconds }) => `${file} ${seconds.toFixed(1)} s`)
  process.stdout.write(`The longest: ${longest.join(', ')}\n`)
  for (const file of unfinished) process.stderr.write(`${file} did not come to its end\n`)
  return Math.max(...codes, unfinished.length > 0 ? 1 : 0)
}

/** A process for each file: what they measure must not depend on what ran before. */
async function runApart(engine: string, files: readonly string[], at_once: number): Promise<number> {
  if (files.length === 0) return 0
  process.stdout.write(`\n=== ${files.length} test files on ${engine}, a process each, ${at_once} at once ===\n`)
  return startTests(engine, files, at_once)
}

function startTests(engine: string, files: readonly string[], at_once: number, more = {}): Promise<number> {
  const flags = ['--test', `--test-concurrency=${at_once}`, '--test-timeout=240000', '--disable-proto=throw']
  // Compiling PGlite well takes longer than it saves.
  if (engine === 'embedded') flags.push('--liftoff-only')
  const env = { ...process.env, TEST_ENGINE: engine, NODE_COMPILE_CACHE: '.test/compiled', ...more }
  const child = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit', env })
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
}

async function main(): Promise<number> {
  if (all.length === 0) {
    process.stderr.write(`No test file matches ${wanted.join(', ')}.\n`)
    return 2
  }
  const has_server = await answers(serverUrl, 5432)
  const has_redis = await answers(redisUrl, 6379)
  rmSync('.test/statements', { recursive: true, force: true })
  await embeddedTemplate()
  const is_complete = has_server && has_redis
  // First those that bring a database or processes of their own: most of the longest are among them as well.
  const own = onBoth.filter((file) => !onEngine.includes(file))
  const embedded = [...own, ...onEngine.filter((file) => !is_complete || !onEither.includes(file))]
  const codes = [await run('embedded', embedded)]
  if (is_complete) {
    await postgresTemplate()
    const together = serverOnly.filter((file) => !alone.includes(file) && !faults.includes(file))
    codes.push(await run('postgres', [...onEngine, ...together]))
    codes.push(await runApart('postgres', faults, 2), await runApart('postgres', alone, 1))
  }
  if (wanted.length === 0) codes.push(await checkIsolation(process.argv.includes('--write')))
  if (wanted.length === 0 && is_complete) codes.push(await checkPlans())
  if (!is_complete) codes.push(explainSkipped(has_server, has_redis))
  return Math.max(...codes)
}

function explainSkipped(has_server: boolean, has_redis: boolean): number {
  const lacking = [!has_server && `PostgreSQL (${serverUrl})`, !has_redis && `Redis (${redisUrl})`].filter(Boolean)
  process.stdout.write(
    [
      `\nSkipped, because ${lacking.join(' and ')} does not answer:`,
      ...serverOnly.map((file) => `  ${file}`),
      `  and the second run, on PostgreSQL, of ${onEngine.length - onEither.length} files,`,
      '  and the plans of all statements, which are looked at on PostgreSQL.',
      'To run them: start both servers, or set TEST_DATABASE_URL and TEST_REDIS_URL.\n',
    ].join('\n'),
  )
  return process.env.CI === 'true' ? 1 : 0
}

process.exitCode = await main()
