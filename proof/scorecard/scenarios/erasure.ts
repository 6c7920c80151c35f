// S41: marks in every free-text field of every operation; every guest is erased, and the marks are looked for everywhere.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  lookAtAnswers,
  lookIntoCursors,
  lookIntoTables,
  type Places,
  placesFor,
  replayAll,
} from '../../../test/erasure/search.ts'
import { forgetEverybody, openStory, plantEverywhere, type Story, type World } from '../../../test/erasure/story.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { startRoost } from '../environment/roost-process.ts'
import { database } from '../environment/seed.ts'
import { postgresProgram } from '../environment/tools.ts'
import { type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

export const erasure: Measure = {
  id: 'S41',
  title: 'Every guest erased: tables, statistics, answers, cursors, replays, log, files',
  seconds: { full: 15, quick: 15 },
  run: (size) => withStage((stage) => searched(stage, size)),
}

const run = promisify(execFile)
const callers = ['admin', 'manager', 'staff', 'owner', 'accountant'] as const

async function searched(stage: Stage, size: Size): Promise<Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-erasure-'))
  stage.defer(() => rm(folder, { recursive: true, force: true }))
  const story = await openStory(await worldOn(stage, folder))
  await plantEverywhere(story)
  // What the planner keeps of the values is made while they are there.
  await stage.owner.query('analyze')
  const secret = await inviteOnce(story)
  const before = await everywhere(story, stage, folder, size === 'full')
  const forgotten = await forgetEverybody(story)
  const rows_before = await checksum(stage)
  const after = await everywhere(story, stage, folder, true)
  const rows_after = await checksum(stage)
  const dump = await dumpOf(stage)
  for (const [place, finds] of Object.entries(after.finds)) {
    for (const find of finds.slice(0, 5)) process.stderr.write(`S41: ${place}: ${find.place} holds ${find.field}\n`)
  }
  return [
    fired('guests erased', forgotten, 10),
    fired('marks planted', story.guestMarks().length, 60),
    ...['tables', 'replays', 'database dump', ...(size === 'full' ? ['answers'] : [])].map((place) =>
      fired(`marks found before, ${place}`, before.finds[place]?.length ?? 0),
    ),
    fired('cursors looked into', before.cursors, 20),
    ...Object.entries(after.finds).map(([place, finds]) => exactly(`marks left, ${place}`, finds.length, 0)),
    exactly('rows after the replays', rows_after === rows_before ? 'unchanged' : 'changed', 'unchanged'),
    exactly('secrets shown once that the database holds', dump.includes(secret) ? 1 : 0, 0),
    told('replays answered 410', after.withheld),
  ]
}

async function worldOn(stage: Stage, folder: string): Promise<World> {
  const env = {
    ...stage.env,
    WORKER: 'inline',
    LOG_LEVEL: 'info',
    MAX_LOOP_DELAY: 'off',
    DATA_DIR: join(folder, 'data'),
  }
  const api = await startRoost({ env, log_file: join(folder, 'log') })
  stage.defer(() => api.kill())
  const senders = new Map<string | undefined, Sender>([[undefined, createSender(api.address)]])
  for (const name of callers) senders.set(name, createSender(api.address, await stage.token(name)))
  for (const sender of senders.values()) stage.defer(() => sender.close())
  return {
    ask: (who, method, path, body, headers) => (senders.get(who) as Sender).send(method, path, body, headers),
    rows: async (text) => (await stage.owner.query(text)).rows,
  }
}

/** Returns the secret of an invitation that was made with a key. */
async function inviteOnce({ send }: Story): Promise<string> {
  const { body } = await send('POST /team', 'team', { email: 'once@planted.example', role: 'staff' }, 201)
  return String(body.token)
}

interface Searched {
  readonly finds: Readonly<Record<string, Places['finds']>>
  readonly cursors: number
  readonly withheld: number
}

/** `thorough`: the answers too, which takes as long as all the rest. */
async function everywhere(story: Story, stage: Stage, folder: string, thorough: boolean): Promise<Searched> {
  const { world } = story
  const places = Object.fromEntries(
    ['tables', 'answers', 'cursors', 'replays', 'database dump', 'log and files'].map((name) => [
      name,
      placesFor(story),
    ]),
  ) as Record<string, Places>
  const at = (name: string) => places[name] as Places
  await lookIntoTables(world, at('tables'))
  if (thorough) await lookAtAnswers(story, at('answers'))
  const cursors = await lookIntoCursors(story, at('cursors'))
  const replays = await replayAll(story, at('replays'))
  at('database dump').look('pg_dump', await dumpOf(stage))
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name)
    if (file.isFile()) at('log and files').look(path, await readFile(path, 'latin1'))
  }
  const finds = Object.fromEntries(Object.entries(places).map(([name, { finds }]) => [name, finds]))
  return { finds, cursors, withheld: replays.filter(({ status }) => status === 410).length }
}

/** The whole database as text, binary columns in hexadecimal digits. */
async function dumpOf({ cluster }: Stage): Promise<string> {
  const options = { maxBuffer: 2 ** 28 }
  return (await run(postgresProgram('pg_dump'), [`--dbname=${cluster.urlOf(database)}`], options)).stdout
}

/** Over what a repeated request could have done twice. */
async function checksum({ owner }: Stage): Promise<string> {
  const parts = ['bookings', 'guests', 'holds', 'blocks', 'occupancies', 'properties', 'team_invitations', 'agencies']
  const sums = parts.map((table) => `select md5(string_agg(x::text, '|' order by x::text)) as sum from ${table} x`)
  return JSON.stringify((await owner.query(sums.join(' union all '))).rows)
}
