// roost verify overlap: that no race takes a night twice. Many clients over HTTP, on a scratch agency in this database.
import { randomInt } from 'node:crypto'
import { Agent } from 'node:http'
import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import type { Role } from '../../core/auth/permissions.ts'
import type { Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { progressBar } from '../progress.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { countDeadlocks, type Overlaps, overlapsIn } from './overlap/aftermath.ts'
import { ask } from './overlap/answers.ts'
import { plannedRequests, runPhases } from './overlap/phases.ts'
import type { Phase, Race } from './overlap/race.ts'
import { personOf, type Scratch } from './scratch-agency/making.ts'
import { assembleHere, ownConfig } from './scratch-agency/own-api.ts'
import { removeLeftOvers, withScratch } from './scratch-agency/scratch-agency.ts'

interface Options {
  readonly clients: number
  readonly rounds: number
  readonly seed?: number
  readonly clean?: true
  readonly json?: true
}

export interface OverlapReport {
  readonly engine: 'embedded' | 'server'
  readonly clients: number
  readonly rounds: number
  readonly seed: number
  readonly phases: readonly Phase[]
  readonly overlaps: Overlaps
  /** Broken by the server in this database meanwhile; null on the embedded one. */
  readonly deadlocks: number | null
  readonly findings: readonly string[]
}

/** The clients are these people in turn. */
const staff: Readonly<Record<string, Role>> = {
  admin: 'admin',
  ...Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`manager-${i + 1}`, 'manager' as const])),
}

export function registerOverlap(verify: Command, context: CommandContext): void {
  verify
    .command('overlap')
    .description(
      'Let many clients race for the same nights of a scratch agency, which is removed again; exit code 1 when a night was ' +
        'taken twice, a round did not have exactly one winner, or anything but success and BOOKING_CONFLICT was answered.',
    )
    .option('--clients <n>', 'how many clients at once, 2 to 500', whole('--clients', 2, 500), 64)
    .option('--rounds <n>', 'how often each race is run, 1 to 1000', whole('--rounds', 1, 1000), 5)
    .option('--seed <n>', 'repeat the random choices of an earlier run', whole('--seed', 0, 2 ** 31 - 1))
    .option('--clean', 'only remove what killed runs have left')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ roost verify overlap --clients 200 --rounds 10')
    .action((options: Options) => verifyOverlap(context, options))
}

function whole(name: string, min: number, max: number) {
  return (text: string): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    throw new CommandError(`${name} must be a whole number ${min} to ${max}`)
  }
}

async function verifyOverlap(context: CommandContext, options: Options): Promise<void> {
  const { clients, rounds, seed = randomInt(2 ** 31), json } = options
  await context.withStore(async (store, config) => {
    if (options.clean) {
      if ((await removeLeftOvers(context, store)) === 0) context.print('Nothing was left.')
      return
    }
    const report = await withScratch(context, store, [staff], async (scratch, signal) => {
      const bar = progressBar(context, 'races', !json)
      const all = plannedRequests({ clients, rounds })
      let done = 0
      const progress = () => {
        done += 1
        bar.update(done, all)
      }
      const race = { clients, rounds, seed, signal, progress }
      return raceOn(store, config, scratch, race).finally(() => bar.stop())
    })
    if (json) context.print(JSON.stringify(report, null, 2))
    else for (const line of linesOf(report)) context.print(line)
    if (report.findings.length > 0) context.fail()
  })
}

type RaceOptions = Pick<Race, 'clients' | 'rounds' | 'seed' | 'signal' | 'progress'>

async function raceOn(store: Store, config: Config, scratch: Scratch, options: RaceOptions): Promise<OverlapReport> {
  const { db, is_embedded } = store
  const { clients, rounds, seed } = options
  const count = async () => (is_embedded ? 0 : countDeadlocks(db, config.database_pool_size))
  const before = await count()
  const phases = await withRace(store, config, scratch, options, runPhases)
  const deadlocks = is_embedded ? null : (await count()) - before
  const overlaps = await overlapsIn(db, scratch.agencies[0]?.id ?? '')
  const findings = [...phases.flatMap((phase) => phase.findings), ...overlapFindings(overlaps)]
  const engine = is_embedded ? 'embedded' : 'server'
  return { engine, clients, rounds, seed, phases, overlaps, deadlocks, findings }
}

/** The API on a free port of this machine, with a token for each of the scratch agency's people. */
async function withRace<T>(
  store: Store,
  config: Config,
  scratch: Scratch,
  options: RaceOptions,
  work: (race: Race) => Promise<T>,
): Promise<T> {
  const { app, tokens } = await assembleHere(ownConfig(config), store)
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  try {
    const people = Object.keys(staff).map((who) => personOf(scratch, who).user_id)
    const bearers = await Promise.all(people.map(async (user_id) => (await tokens.issue({ user_id }, 24 * 3600)).token))
    const origin = await listenHere(app)
    const callers = bearers.map((token) => callerOn(origin, token, agent))
    const open = new Set<Promise<unknown>>()
    const send: Race['send'] = (client, ...request) => {
      const sent = ask(callers[client % callers.length] ?? callerOn(origin), ...request)
      open.add(sent)
      return sent.finally(() => open.delete(sent))
    }
    try {
      return await work({ ...options, send, newHome: () => newHome(send) })
    } finally {
      // After an interruption: nothing may still be written when the agency is removed.
      while (open.size > 0) await Promise.all(open)
      agent.destroy()
    }
  } finally {
    await app.close()
  }
}

async function newHome(send: Race['send']): Promise<string> {
  const home = { name: 'Scratch home', property_type: 'house', max_guests: 4 }
  const { status, code, body } = await send(0, 'POST', 'properties', home)
  if (status !== 201) throw new CommandError(`the API made no property for the races: ${status} ${code}`)
  return String(body.id)
}

function overlapFindings({ nights, bookings, disagreements }: Overlaps): string[] {
  return [
    ...(nights > 0 ? [`${nights} overlaps of nights in the ledger`] : []),
    ...(bookings > 0 ? [`${bookings} overlaps of bookings`] : []),
    ...(disagreements > 0 ? [`${disagreements} bookings and rows of the ledger disagree`] : []),
  ]
}

function linesOf({ engine, clients, rounds, seed, phases, overlaps, deadlocks, findings }: OverlapReport): string[] {
  return [
    `${clients} clients, ${rounds} rounds, seed ${seed}`,
    ...(engine === 'embedded'
      ? ['The embedded database has one connection: these races are serialised there, and real only on a server.']
      : []),
    `  ${'race'.padEnd(24)}${['requests', 'won', 'p50 ms', 'p99 ms'].map((title) => title.padStart(9)).join('')}  answers`,
    ...phases.map(phaseLine),
    `overlaps: ${overlaps.nights} of nights, ${overlaps.bookings} of bookings; ${overlaps.disagreements} disagreements`,
    deadlocks === null ? 'deadlocks: not counted here' : `deadlocks: ${deadlocks} in this database meanwhile`,
    ...(findings.length === 0
      ? ['Good: each race had one winner, and no night was taken twice.']
      : [`${findings.length} findings:`, ...findings.map((finding) => `  ${finding}`)]),
  ]
}

function phaseLine({ name, requests, won, p50_ms, p99_ms, answers }: Phase): string {
  const numbers = [requests, won, p50_ms, p99_ms].map((number) => String(number).padStart(9)).join('')
  const kinds = Object.entries(answers).map(([kind, count]) => `${count} x ${kind}`)
  return `  ${name.padEnd(24)}${numbers}  ${kinds.sort().join(', ')}`
}
