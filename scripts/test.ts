// npm test: every suite on the embedded database, then on PostgreSQL and Redis when they answer.
//   npm test                          everything
//   npm test -- src/features/bookings only files whose path contains this
import { spawn } from 'node:child_process'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { embeddedTemplate, postgresTemplate, redisUrl, serverUrl } from '../test/engines.ts'
import { checkIsolation } from './isolation.ts'

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const all = globSync('{src,test,scripts}/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  // The longest are in test/: first come, so that none of them runs on when all others are done.
  .sort()
  .reverse()
const serverOnly = all.filter((file) => file.endsWith('.server.test.ts'))
/** These say how quick something is, or how long something may be away: nothing else may run beside them. */
const alone = serverOnly.filter((file) => /^test\/(races|faults)\//.test(file))
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

/** Runs the files, so many at once, and passes the runner's exit code on. */
function run(engine: string, files: readonly string[], at_once = 3): Promise<number> {
  if (files.length === 0) return Promise.resolve(0)
  process.stdout.write(`\n=== ${files.length} test files on ${engine}, ${at_once} at once ===\n`)
  const flags = ['--test', `--test-concurrency=${at_once}`, '--test-timeout=240000', '--disable-proto=throw']
  // Each file is a process of its own with a PGlite of its own: compiling it well takes longer than most files run.
  if (engine === 'embedded') flags.push('--liftoff-only')
  const env = { ...process.env, TEST_ENGINE: engine, NODE_COMPILE_CACHE: '.test/compiled' }
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
  const embedded = is_complete ? onBoth.filter((file) => !onEither.includes(file)) : onBoth
  const codes = [await run('embedded', embedded)]
  if (is_complete) {
    await postgresTemplate()
    const together = serverOnly.filter((file) => !alone.includes(file))
    codes.push(await run('postgres', [...onEngine, ...together]), await run('postgres', alone, 1))
  }
  if (wanted.length === 0) codes.push(await checkIsolation(process.argv.includes('--write')))
  if (!is_complete) codes.push(explainSkipped(has_server, has_redis))
  return Math.max(...codes)
}

function explainSkipped(has_server: boolean, has_redis: boolean): number {
  const lacking = [!has_server && `PostgreSQL (${serverUrl})`, !has_redis && `Redis (${redisUrl})`].filter(Boolean)
  process.stdout.write(
    [
      `\nSkipped, because ${lacking.join(' and ')} does not answer:`,
      ...serverOnly.map((file) => `  ${file}`),
      `  and the second run, on PostgreSQL, of ${onEngine.length - onEither.length} files.`,
      'To run them: start both servers, or set TEST_DATABASE_URL and TEST_REDIS_URL.\n',
    ].join('\n'),
  )
  return process.env.CI === 'true' ? 1 : 0
}

process.exitCode = await main()
