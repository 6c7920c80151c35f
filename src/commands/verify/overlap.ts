// roost verify overlap: checks all bookings, then races clients for the nights of a scratch agency.
import { randomInt } from 'node:crypto'
import { Agent } from 'node:http'
import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import type { Role } from '../../core/auth/permissions.ts'
import {
  checkLedger,
  countInAgency,
  type LedgerCheck,
  type LedgerCounts,
} from '../../features/bookings/ledger-check.ts'
import type { Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { startProgress } from '../progress.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { countDeadlocks } from './overlap/deadlocks.ts'
import { countPlannedRequests, runPhases } from './overlap/phases.ts'
import type { Phase, Race } from './overlap/race.ts'
import { sendRequest } from './overlap/requests.ts'
import { findMember, type Scratch } from './scratch-agency/creation.ts'
import { assembleInProcess, isolatedConfig } from './scratch-agency/own-api.ts'
import { removeLeftovers, withScratch } from './scratch-agency/scratch-agency.ts'

interface Options {
  readonly clients: number
  readonly rounds: number
  readonly seed?: number
  readonly live?: true
  readonly clean?: true
  readonly json?: true
}

export interface OverlapReport {
  readonly engine: 'embedded' | 'server'
  readonly clients: number
  readonly rounds: number
  readonly seed: number
  readonly phases: readonly Phase[]
  readonly overlaps: LedgerCounts
  /** All agencies of the database, before the races. */
  readonly live: LedgerCheck
  /** Deadlocks that the server resolved in this database during the run; null on the embedded database. */
  readonly deadlocks: number | null
  readonly findings: readonly string[]
}

/** The members of the scratch agency. Clients use them in turn. */
const staff: Readonly<Record<string, Role>> = {
  admin: 'admin',
  ...Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`manager-${i + 1}`, 'manager' as const])),
}

export function registerOverlap(verify: Command, context: CommandContext): void {
  verify
    .command('overlap')
    .description(
      'Check the bookings of every agency, then let many clients book the same nights of a scratch agency, which is removed ' +
        'afterwards. Exit code 1 when a night is booked twice, a booking and its occupancy disagree, a round had not exactly ' +
        'one success, or a response was neither a success nor BOOKING_CONFLICT.',
    )
    .option('--clients <n>', 'number of concurrent clients, 2 to 500', integerOption('--clients', 2, 500), 64)
    .option('--rounds <n>', 'number of rounds of each race, 1 to 1000', integerOption('--rounds', 1, 1000), 5)
    .option('--seed <n>', 'repeat the random choices of an earlier run', integerOption('--seed', 0, 2 ** 31 - 1))
    .option('--live', 'only check the bookings of every agency; nothing is written')
    .option('--clean', 'only remove the leftovers of killed runs')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ roost verify overlap --clients 200 --rounds 10')
    .action((options: Options) => verifyOverlap(context, options))
}

function integerOption(name: string, min: number, max: number) {
  return (text: string): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    throw new CommandError(`${name} must be a whole number ${min} to ${max}`)
  }
}

async function verifyOverlap(context: CommandContext, options: Options): Promise<void> {
  await context.withStore(async (store, config) => {
    if (options.clean) {
      if ((await removeLeftovers(context, store)) === 0) context.print('Nothing to remove.')
      return
    }
    const live = await checkLedger(store.db)
    const report = options.live ? live : await reportRaces(context, store, config, options, live)
    const lines = () => ('phases' in report ? formatReport(report) : formatLedger(report))
    for (const line of options.json ? [JSON.stringify(report, null, 2)] : lines()) context.print(line)
    if (report.findings.length > 0) context.fail()
  })
}

async function reportRaces(
  context: CommandContext,
  store: Store,
  config: Config,
  { clients, rounds, seed = randomInt(2 ** 31), json }: Options,
  live: LedgerCheck,
): Promise<OverlapReport> {
  const races = await withScratch(context, store, [staff], async (scratch, signal) => {
    const bar = startProgress(context, 'races', !json)
    const total = countPlannedRequests({ clients, rounds })
    let done = 0
    const progress = () => {
      done += 1
      bar.update(done, total)
    }
    const race = { clients, rounds, seed, signal, progress }
    return runRaces(store, config, scratch, race).finally(() => bar.stop())
  })
  return { ...races, live, findings: [...live.findings, ...races.findings] }
}

type RaceOptions = Pick<Race, 'clients' | 'rounds' | 'seed' | 'signal' | 'progress'>

async function runRaces(
  store: Store,
  config: Config,
  scratch: Scratch,
  options: RaceOptions,
): Promise<Omit<OverlapReport, 'live'>> {
  const { db, is_embedded } = store
  const { clients, rounds, seed } = options
  const readDeadlocks = async () => (is_embedded ? 0 : countDeadlocks(db, config.database_pool_size))
  const before = await readDeadlocks()
  const phases = await withRace(store, config, scratch, options, runPhases)
  const deadlocks = is_embedded ? null : (await readDeadlocks()) - before
  const overlaps = await countInAgency(db, scratch.agencies[0]?.id ?? '')
  const findings = [...phases.flatMap((phase) => phase.findings), ...overlapFindings(overlaps)]
  const engine = is_embedded ? 'embedded' : 'server'
  return { engine, clients, rounds, seed, phases, overlaps, deadlocks, findings }
}

/** Serves the API on a free port, with a token for each member of the scratch agency. */
async function withRace<T>(
  store: Store,
  config: Config,
  scratch: Scratch,
  options: RaceOptions,
  work: (race: Race) => Promise<T>,
): Promise<T> {
  const { app, tokens } = await assembleInProcess(isolatedConfig(config), store)
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  try {
    const members = Object.keys(staff).map((who) => findMember(scratch, who).user_id)
    const member_tokens = await Promise.all(
      members.map(async (user_id) => (await tokens.issue({ user_id }, 24 * 3600)).token),
    )
    const origin = await listenHere(app)
    const callers = member_tokens.map((token) => callerOn(origin, token, agent))
    const pending = new Set<Promise<unknown>>()
    const send: Race['send'] = (client, ...request) => {
      const sent = sendRequest(callers[client % callers.length] ?? callerOn(origin), ...request)
      pending.add(sent)
      return sent.finally(() => pending.delete(sent))
    }
    try {
      return await work({ ...options, send, newProperty: () => newProperty(send) })
    } finally {
      // After an interruption, requests must be complete before the agency is removed.
      while (pending.size > 0) await Promise.all(pending)
      agent.destroy()
    }
  } finally {
    await app.close()
  }
}

async function newProperty(send: Race['send']): Promise<string> {
  const property = { name: 'Scratch property', property_type: 'house', max_guests: 4 }
  const { status, code, body } = await send(0, 'POST', 'properties', property)
  if (status !== 201) throw new CommandError(`the API did not create a property: ${status} ${code}`)
  return String(body.id)
}

function overlapFindings({ nights, bookings, disagreements }: LedgerCounts): string[] {
  return [
    ...(nights > 0 ? [`${nights} overlaps of occupancy rows`] : []),
    ...(bookings > 0 ? [`${bookings} overlaps of bookings`] : []),
    ...(disagreements > 0 ? [`${disagreements} bookings and occupancy rows disagree`] : []),
  ]
}

function formatLedger({ agencies, nights, bookings, disagreements, findings }: LedgerCheck): string[] {
  return [
    `${agencies} agencies: ${nights} overlaps of occupancies, ${bookings} of bookings; ${disagreements} disagreements`,
    ...findings.map((finding) => `  ${finding}`),
  ]
}

function formatReport(report: OverlapReport): string[] {
  const { engine, clients, rounds, seed, phases, live, overlaps, deadlocks, findings } = report
  return [
    ...formatLedger({ ...live, findings: [] }),
    `${clients} clients, ${rounds} rounds, seed ${seed}`,
    ...(engine === 'embedded'
      ? [
          'The embedded database has one connection: the races run one after the other. Use a server for concurrent races.',
        ]
      : []),
    `  ${'race'.padEnd(24)}${['requests', 'won', 'p50 ms', 'p99 ms'].map((title) => title.padStart(9)).join('')}  answers`,
    ...phases.map(formatPhase),
    `overlaps: ${overlaps.nights} of nights, ${overlaps.bookings} of bookings; ${overlaps.disagreements} disagreements`,
    deadlocks === null ? 'deadlocks: not counted' : `deadlocks: ${deadlocks} in this database during the run`,
    ...(findings.length === 0
      ? ['OK: each round had one success, and no night was booked twice.']
      : [`${findings.length} findings:`, ...findings.map((finding) => `  ${finding}`)]),
  ]
}

function formatPhase({ name, requests, won, p50_ms, p99_ms, answers }: Phase): string {
  const numbers = [requests, won, p50_ms, p99_ms].map((number) => String(number).padStart(9)).join('')
  const kinds = Object.entries(answers).map(([kind, count]) => `${count} x ${kind}`)
  return `  ${name.padEnd(24)}${numbers}  ${kinds.sort().join(', ')}`
}
