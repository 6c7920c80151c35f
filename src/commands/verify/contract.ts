// roost verify contract: checks that errors are returned as docs/errors.md documents them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import { errorCatalogue } from '../../core/app-error.ts'
import { createTokensFromConfig, type Tokens } from '../../core/auth/tokens.ts'
import { root, type Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { startProgress } from '../progress.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { type ContractReport, runCases } from './contract/case-run.ts'
import { anonymousEnvironment, type TestEnvironment } from './contract/environment.ts'
import type { Origin } from './contract/raw-socket.ts'
import { createProperties, members, testAgencyOf } from './contract/setup.ts'
import { triggers } from './contract/triggers.ts'
import { findMember, type Scratch } from './scratch-agency/creation.ts'
import { assembleInProcess, isolatedConfig } from './scratch-agency/own-api.ts'
import { removeLeftovers, withScratch } from './scratch-agency/scratch-agency.ts'

interface Options {
  readonly url?: string
  readonly token?: string
  readonly clean?: true
  readonly json?: true
}

export function registerContract(verify: Command, context: CommandContext): void {
  verify
    .command('contract')
    .description(
      'Trigger the errors of docs/errors.md on a scratch agency, which is removed again, and check each reply; exit code 1 ' +
        'when one is not as documented. Errors that cannot be triggered from outside are listed with the reason.',
    )
    .option('--url <url>', 'ask this running deployment instead of an API in this process; not one behind a proxy')
    .option(
      '--token <jwt>',
      'with --url and without its database: a token of somebody who may read; nothing is changed',
    )
    .option('--clean', 'only remove the leftovers of killed runs')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action((options: Options) => verifyContract(context, options))
}

const help = `
With --url, DATABASE_URL and JWT_SECRET must be those of the deployment at that address: the scratch agency is created in its
database. Without them only errors are triggered that need no sign-in, or a reader (--token). A run makes eleven failed
sign-ins: more than three runs in a quarter of an hour reach the limit of the address.

Examples:
  $ roost verify contract
  $ roost verify contract --url http://127.0.0.1:3000 --json`

type Run = (environment: TestEnvironment, signal?: AbortSignal) => Promise<ContractReport>

async function verifyContract(context: CommandContext, options: Options): Promise<void> {
  if (options.token !== undefined && options.url === undefined) throw new CommandError('--token requires --url')
  if (options.clean) {
    const removed = await context.withStore((store) => removeLeftovers(context, store))
    if (removed === 0) context.print('Nothing to remove.')
    return
  }
  const page = await readFile(join(root, 'docs/errors.md'), 'utf8').catch(() => '')
  const run: Run = (environment, signal) => {
    const bar = startProgress(context, 'errors', !options.json)
    const given = {
      catalogue: errorCatalogue.toSorted((a, b) => a.status - b.status),
      page,
      triggers,
      progress: bar.update,
    }
    return runCases(environment, { ...given, ...(signal !== undefined && { signal }) }).finally(() => bar.stop())
  }
  const report = await (options.url === undefined ? verifyHere(context, run) : verifyAt(context, options, run))
  if (options.json) context.print(JSON.stringify(report, null, 2))
  else for (const line of linesOf(report)) context.print(line)
  if (report.findings.length > 0) context.fail()
}

/** On an API in this process. Its sign-in limits apply; no other request is limited. */
function verifyHere(context: CommandContext, run: Run): Promise<ContractReport> {
  return context.withStore((store, config) =>
    withScratch(context, store, members, async (scratch, signal) => {
      const own = { ...isolatedConfig(config), rate_limit: 100_000 }
      const { app, tokens } = await assembleInProcess(own, store)
      const origin = await listenHere(app)
      try {
        return await run(await environmentOf(store, own, { origin, tokens }, scratch), signal)
      } finally {
        await app.close()
      }
    }),
  )
}

/** On the deployment at `url`, with as much as the configuration and the token permit. */
async function verifyAt(context: CommandContext, { url = '', token }: Options, run: Run): Promise<ContractReport> {
  const origin = originOf(url)
  const environment = anonymousEnvironment(origin)
  const alive = await environment.anonymous.get('/health/live').catch((error: Error) => error)
  if (alive instanceof Error || alive.status !== 200) {
    throw new CommandError(
      `${url} does not answer as Roost: ${alive instanceof Error ? alive.message : `status ${alive.status}`}`,
    )
  }
  if (token !== undefined) return run({ ...environment, reader: environment.bearing(token) })
  const config = await context.config()
  if (config.database_url === undefined || config.jwt_secret === undefined) {
    context.note(
      'DATABASE_URL and JWT_SECRET of the deployment are not set: only errors that need no sign-in are triggered.',
    )
    return run(environment)
  }
  const api = { origin, tokens: createTokensFromConfig(config) }
  return context.withStore((store) =>
    withScratch(context, store, members, async (scratch, signal) => {
      await requireSameDatabase(api, scratch)
      return run(await environmentOf(store, config, api, scratch), signal)
    }),
  )
}

interface RunningApi {
  readonly origin: Origin
  readonly tokens: Tokens
}

async function requireSameDatabase({ origin, tokens }: RunningApi, scratch: Scratch): Promise<void> {
  const { token } = await tokens.issue({ user_id: findMember(scratch, 'admin').user_id })
  const { status } = await callerOn(origin, token).get('me')
  if (status === 200) return
  throw new CommandError(
    `the deployment does not know the scratch agency (GET /api/v1/me: ${status}): are DATABASE_URL and JWT_SECRET its own?`,
  )
}

async function environmentOf(
  store: Store,
  config: Config,
  { origin, tokens }: RunningApi,
  scratch: Scratch,
): Promise<TestEnvironment> {
  const ids = await createProperties(scratch, origin, tokens)
  const agency = await testAgencyOf(origin, config, tokens, ids)
  const second = store.is_embedded ? {} : { second_db: store.db }
  return { ...anonymousEnvironment(origin), reader: agency.staff, agency, ...second }
}

function originOf(url: string): Origin {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.pathname !== '/') {
    throw new CommandError('--url is an address without a path, such as http://127.0.0.1:3000')
  }
  const is_tls = parsed.protocol === 'https:'
  const hostname = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  return { hostname, port: Number(parsed.port || (is_tls ? 443 : 80)), is_tls }
}

function linesOf({ trials, heads, findings }: ContractReport): string[] {
  const skipped = trials.filter((trial) => trial.skipped !== undefined)
  const wrong = trials.filter(({ problems }) => problems.length > 0)
  const triggered = trials.length - skipped.length
  const reasons = Object.groupBy(skipped, (trial) => trial.skipped ?? '')
  return [
    `${trials.length} documented errors: ${triggered} triggered, ${skipped.length} not; HEAD compared with GET at ${heads} URLs`,
    ...Object.entries(reasons).map(
      ([reason, of = []]) => `  ${of.map(({ code }) => code).join(', ')}: not triggered, ${reason}`,
    ),
    ...(findings.length === 0
      ? [`OK: all ${triggered} are as docs/errors.md documents them.`]
      : [`${findings.length} findings, in ${wrong.length} errors:`, ...findings.map((finding) => `  ${finding}`)]),
  ]
}
