// roost verify contract: that every documented error comes as documented. On a scratch agency, in this process or at --url.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import { errorCatalogue } from '../../core/app-error.ts'
import { tokensOf } from '../../core/auth/tokens.ts'
import { root, type Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { progressBar } from '../progress.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { provocativeRoutes } from './contract/here.ts'
import type { Origin } from './contract/raw-socket.ts'
import type { Scene } from './contract/scene.ts'
import { castOf, type Players, sceneAt, sceneHere } from './contract/staging.ts'
import { type ContractReport, tryAll } from './contract/trial.ts'
import { personOf, type Scratch } from './scratch-agency/making.ts'
import { assembleHere, ownConfig } from './scratch-agency/own-api.ts'
import { removeLeftOvers, withScratch } from './scratch-agency/scratch-agency.ts'

interface Options {
  readonly url?: string
  readonly token?: string
  readonly clean?: true
  readonly json?: true
}

/** Everybody a provocation asks for; the second agency is the other one. */
const plan = [
  { admin: 'admin', manager: 'manager', staff: 'staff', bothAgencies: 'staff' },
  { outsider: 'admin', bothAgencies: 'manager' },
] as const

export function registerContract(verify: Command, context: CommandContext): void {
  verify
    .command('contract')
    .description(
      'Provoke every error of docs/errors.md on a scratch agency, which is removed again, and check what it comes as; exit code ' +
        '1 when one is not as documented. What cannot be provoked is listed with the reason.',
    )
    .option('--url <url>', 'ask this running deployment instead of an API in this process; not one behind a proxy')
    .option('--token <jwt>', 'with --url and without its database: somebody who may read; nothing is changed')
    .option('--clean', 'only remove what killed runs have left')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action((options: Options) => verifyContract(context, options))
}

const help = `
With --url, DATABASE_URL and JWT_SECRET must be those of the deployment at that address: the scratch agency is made in its
database. Without them only errors are provoked that need nobody signed in, or a reader (--token). Eleven sign-ins are tried in
vain: more than three runs in a quarter of an hour meet the limit of the address.

Examples:
  $ roost verify contract
  $ roost verify contract --url http://127.0.0.1:3000 --json`

type Work = (scene: Scene, signal?: AbortSignal) => Promise<ContractReport>

async function verifyContract(context: CommandContext, options: Options): Promise<void> {
  if (options.token !== undefined && options.url === undefined) throw new CommandError('--token goes with --url')
  if (options.clean) {
    const removed = await context.withStore((store) => removeLeftOvers(context, store))
    if (removed === 0) context.print('Nothing was left.')
    return
  }
  const page = await readFile(join(root, 'docs/errors.md'), 'utf8').catch(() => '')
  const work: Work = (scene, signal) => {
    const bar = progressBar(context, 'errors', !options.json)
    const given = { catalogue: errorCatalogue, page, progress: bar.update, ...(signal !== undefined && { signal }) }
    return tryAll(scene, given).finally(() => bar.stop())
  }
  const report = await (options.url === undefined ? here(context, work) : there(context, options, work))
  if (options.json) context.print(JSON.stringify(report, null, 2))
  else for (const line of linesOf(report)) context.print(line)
  if (report.findings.length > 0) context.fail()
}

function here(context: CommandContext, work: Work): Promise<ContractReport> {
  return context.withStore((store, config) =>
    withScratch(context, store, plan, async (scratch, signal) => {
      const own = ownConfig(config)
      const { app, tokens } = await assembleHere(own, store)
      provocativeRoutes(app, store.db)
      const origin = await listenHere(app)
      try {
        const players = await playersOf(scratch, origin, (user_id) => tokens.issue({ user_id }))
        const stage = sceneHere({ config: own, store }, { app, origin }, await castOf(origin, own, tokens, players))
        return await work(stage.scene, signal).finally(() => stage.close())
      } finally {
        await app.close()
      }
    }),
  )
}

async function there(context: CommandContext, { url = '', token }: Options, work: Work): Promise<ContractReport> {
  const origin = originOf(url)
  const nobody = sceneAt(origin)
  const alive = await nobody.anonymous.get('/health/live').catch((error: Error) => error)
  if (alive instanceof Error || alive.status !== 200) {
    throw new CommandError(
      `${url} does not answer as Roost: ${alive instanceof Error ? alive.message : `status ${alive.status}`}`,
    )
  }
  if (token !== undefined) return work({ ...nobody, reader: nobody.bearing(token) })
  const config = await context.config()
  if (config.database_url === undefined || config.jwt_secret === undefined) {
    context.note(
      'DATABASE_URL and JWT_SECRET of the deployment are not set: only what needs nobody signed in is provoked.',
    )
    return work(nobody)
  }
  return context.withStore((store) =>
    withScratch(context, store, plan, async (scratch, signal) =>
      work(await sceneThere(store, config, origin, scratch), signal),
    ),
  )
}

async function sceneThere(store: Store, config: Config, origin: Origin, scratch: Scratch): Promise<Scene> {
  const tokens = tokensOf(config)
  const issue = (user_id: string) => tokens.issue({ user_id })
  const { token } = await issue(personOf(scratch, 'admin').user_id)
  const { status } = await callerOn(origin, token).get('me')
  if (status !== 200) {
    throw new CommandError(
      `the deployment does not know the scratch agency (GET /api/v1/me: ${status}): are DATABASE_URL and JWT_SECRET its own?`,
    )
  }
  const cast = await castOf(origin, config, tokens, await playersOf(scratch, origin, issue))
  const others = store.is_embedded ? {} : { others_db: store.db }
  return { ...sceneAt(origin), reader: cast.staff, cast, ...others }
}

/** Makes a property in both agencies. */
async function playersOf(
  scratch: Scratch,
  origin: Origin,
  issue: (user_id: string) => Promise<{ token: string }>,
): Promise<Players> {
  const idOf = (who: string) => personOf(scratch, who).user_id
  const newHome = async (who: string) => {
    const home = { name: 'Scratch home', property_type: 'house', max_guests: 4 }
    const { status, text } = await callerOn(origin, (await issue(idOf(who))).token).post('properties', home)
    if (status !== 201) throw new CommandError(`the API made no property in the scratch agency: ${status} ${text}`)
    return (JSON.parse(text) as { id: string }).id
  }
  return {
    agency_id: scratch.agencies[0]?.id ?? '',
    admin: idOf('admin'),
    manager: idOf('manager'),
    staff: idOf('staff'),
    bothAgencies: idOf('bothAgencies'),
    outsider: idOf('outsider'),
    staff_email: personOf(scratch, 'staff').email,
    home: await newHome('manager'),
    foreign_home: await newHome('outsider'),
  }
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
  const provoked = trials.length - skipped.length
  const reasons = Object.groupBy(skipped, (trial) => trial.skipped ?? '')
  return [
    `${trials.length} documented errors: ${provoked} provoked, ${skipped.length} not; HEAD compared with GET at ${heads} addresses`,
    ...Object.entries(reasons).map(
      ([reason, of = []]) => `  ${of.map(({ code }) => code).join(', ')}: not provoked, ${reason}`,
    ),
    ...(findings.length === 0
      ? [`Good: each of the ${provoked} came as docs/errors.md says.`]
      : [`${findings.length} findings, in ${wrong.length} errors:`, ...findings.map((finding) => `  ${finding}`)]),
  ]
}
