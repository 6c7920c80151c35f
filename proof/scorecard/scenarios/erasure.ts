// S41: after all guests are erased, markers stored through free-text fields must be gone.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  anonymiseAllGuests,
  type ErasureScenario,
  openErasureScenario,
  plantEverywhere,
  type RunningService,
} from '../../../test/erasure/scenario.ts'
import {
  createSearch,
  replayAll,
  type Search,
  searchCursors,
  searchResponses,
  searchTables,
} from '../../../test/erasure/search.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { startRoost } from '../environment/roost-process.ts'
import { database } from '../environment/seed.ts'
import { postgresProgram } from '../environment/tools.ts'
import { type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

export const erasure: Scenario = {
  id: 'S41',
  title: 'Every guest erased: tables, statistics, answers, cursors, replays, log, files',
  seconds: { full: 15, quick: 15 },
  run: (size) => withEnvironment((environment) => checkErasure(environment, size)),
}

const run = promisify(execFile)
const callers = ['admin', 'manager', 'staff', 'owner', 'accountant'] as const

async function checkErasure(environment: Environment, size: Size): Promise<Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-erasure-'))
  environment.defer(() => rm(folder, { recursive: true, force: true }))
  const scenario = await openErasureScenario(await serviceOn(environment, folder))
  await plantEverywhere(scenario)
  // Planner statistics are collected while the markers exist.
  await environment.owner.query('analyze')
  const secret = await inviteOnce(scenario)
  const before = await searchEverywhere(scenario, environment, folder, size === 'full')
  const forgotten = await anonymiseAllGuests(scenario)
  const rows_before = await checksum(environment)
  const after = await searchEverywhere(scenario, environment, folder, true)
  const rows_after = await checksum(environment)
  const dump = await dumpOf(environment)
  for (const [place, findings] of Object.entries(after.findings)) {
    for (const find of findings.slice(0, 5)) process.stderr.write(`S41: ${place}: ${find.place} holds ${find.field}\n`)
  }
  return [
    injected('guests erased', forgotten, 10),
    injected('markers stored', scenario.guestValues().length, 60),
    ...['tables', 'replays', 'database dump', ...(size === 'full' ? ['answers'] : [])].map((place) =>
      injected(`markers found before erasure, ${place}`, before.findings[place]?.length ?? 0),
    ),
    injected('cursors decoded', before.cursors, 20),
    ...Object.entries(after.findings).map(([place, findings]) => exactly(`markers left, ${place}`, findings.length, 0)),
    exactly('rows after the replays', rows_after === rows_before ? 'unchanged' : 'changed', 'unchanged'),
    exactly('one-time secrets stored in the database', dump.includes(secret) ? 1 : 0, 0),
    info('replays answered 410', after.withheld),
  ]
}

async function serviceOn(environment: Environment, folder: string): Promise<RunningService> {
  const env = {
    ...environment.env,
    WORKER: 'inline',
    LOG_LEVEL: 'info',
    MAX_LOOP_DELAY: 'off',
    DATA_DIR: join(folder, 'data'),
  }
  const api = await startRoost({ env, log_file: join(folder, 'log') })
  environment.defer(() => api.kill())
  const senders = new Map<string | undefined, Sender>([[undefined, createSender(api.address)]])
  for (const name of callers) senders.set(name, createSender(api.address, await environment.token(name)))
  for (const sender of senders.values()) environment.defer(() => sender.close())
  return {
    ask: (who, method, path, body, headers) => (senders.get(who) as Sender).send(method, path, body, headers),
    rows: async (text) => (await environment.owner.query(text)).rows,
  }
}

/** Creates an invitation with an Idempotency-Key. Returns its secret. */
async function inviteOnce({ send }: ErasureScenario): Promise<string> {
  const { body } = await send('POST /team', 'team', { email: 'once@planted.example', role: 'staff' }, 201)
  return String(body.token)
}

interface Searched {
  readonly findings: Readonly<Record<string, Search['findings']>>
  readonly cursors: number
  readonly withheld: number
}

/** `thorough` also searches the API answers, which takes as long as the rest. */
async function searchEverywhere(
  scenario: ErasureScenario,
  environment: Environment,
  folder: string,
  thorough: boolean,
): Promise<Searched> {
  const { service } = scenario
  const places = Object.fromEntries(
    ['tables', 'answers', 'cursors', 'replays', 'database dump', 'log and files'].map((name) => [
      name,
      createSearch(scenario),
    ]),
  ) as Record<string, Search>
  const at = (name: string) => places[name] as Search
  await searchTables(service, at('tables'))
  if (thorough) await searchResponses(scenario, at('answers'))
  const cursors = await searchCursors(scenario, at('cursors'))
  const replays = await replayAll(scenario, at('replays'))
  at('database dump').inspect('pg_dump', await dumpOf(environment))
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name)
    if (file.isFile()) at('log and files').inspect(path, await readFile(path, 'latin1'))
  }
  const findings = Object.fromEntries(Object.entries(places).map(([name, { findings }]) => [name, findings]))
  return { findings, cursors, withheld: replays.filter(({ status }) => status === 410).length }
}

/** The output of pg_dump; binary columns are hexadecimal. */
async function dumpOf({ cluster }: Environment): Promise<string> {
  const options = { maxBuffer: 2 ** 28 }
  return (await run(postgresProgram('pg_dump'), [`--dbname=${cluster.urlOf(database)}`], options)).stdout
}

/** A checksum of the rows that a repeated request could have changed. */
async function checksum({ owner }: Environment): Promise<string> {
  const parts = ['bookings', 'guests', 'holds', 'blocks', 'occupancies', 'properties', 'team_invitations', 'agencies']
  const sums = parts.map((table) => `select md5(string_agg(x::text, '|' order by x::text)) as sum from ${table} x`)
  return JSON.stringify((await owner.query(sums.join(' union all '))).rows)
}
