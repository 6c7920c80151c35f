// S38: clients that ask for large answers and never read them, while others are served.
import { north, players } from '../../../test/cast.ts'
import { askWithoutReading, type UnreadAnswer } from '../../../test/unread-socket.ts'
import { until } from '../../../test/until.ts'
import { describe } from '../environment/bookings.ts'
import { stopWithStage } from '../environment/loads.ts'
import { isGood, kindsOf, type Seen, see } from '../environment/steady.ts'
import { rawRequest } from '../load/plan.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const connections = { quick: 60, full: 400 } as const
const exports = 8
/** So many requests on each connection of the last attack: one answer alone fits into the buffers of the kernel. */
const pipelined = { quick: 1, full: 4 } as const
/** Entries of the audit log with 40 kB each, as they were written before long texts became digests. */
const entries = { quick: 400, full: 4000 } as const
/** What the answers that nobody reads may cost, over the process at rest. */
const most_mb = 200
/** A client that takes nothing for 10 s loses its connection; the process looks once a second. */
const write_timeout_ms = 30_000

export const idleReaders: Measure = {
  id: 'S38',
  title: `${exports} exports and ${connections.full} answers that nobody reads`,
  seconds: { full: 120, quick: 10 },
  run: (size) => onTarget((target) => watched(target, size)),
}

interface Attack {
  readonly name: string
  readonly requests: readonly string[]
}

interface Outcome {
  readonly checks: readonly Check[]
  readonly answers: readonly UnreadAnswer[]
  readonly growth_mb: number
}

async function watched(target: Target, size: Size): Promise<Check[]> {
  await seedLongTexts(target, size)
  const { api, tokens } = target
  const load = others(target)
  await until(() => load.seen.length >= 200, 20_000)
  const idle_mb = api.usage().rss_mb
  const outcomes: Outcome[] = []
  for (const attack of attacksOf(tokens, size)) {
    if (!api.isRunning()) break
    outcomes.push(await ignored(target, attack, idle_mb, size))
  }
  return [...outcomes.flatMap(({ checks }) => checks), ...(await verdict(target, load, outcomes, idle_mb))]
}

function attacksOf(tokens: Target['tokens'], size: Size): readonly Attack[] {
  const list = rawRequest('GET', '/api/v1/audit-log?limit=100', tokens.admin)
  const people = ['admin', 'manager', 'staff', 'bothAgencies'] as const
  const lists = people.map((name) =>
    rawRequest('GET', '/api/v1/properties?limit=100', tokens[name], undefined, { 'x-agency-id': north }).repeat(
      pipelined[size],
    ),
  )
  const times = (length: number, from: readonly string[]) =>
    Array.from({ length }, (_, n) => from[n % from.length] ?? '')
  return [
    { name: 'exports', requests: times(exports, [rawRequest('GET', '/api/v1/audit-log/export', tokens.admin)]) },
    { name: 'one person', requests: times(connections[size], [list]) },
    { name: `${people.length} people`, requests: times(connections[size], lists) },
  ]
}

/** Sends the requests, reads nothing, and watches the process until every one is answered or has been ignored for long. */
async function ignored({ api }: Target, { name, requests }: Attack, idle_mb: number, size: Size): Promise<Outcome> {
  const answers = requests.map((text) => askWithoutReading(api.port, text))
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, api.usage().rss_mb)
  }, 20)
  const isAnswered = ({ status, socket }: UnreadAnswer) => status() !== undefined || socket.destroyed
  await until(() => !api.isRunning() || answers.every(isAnswered), 60_000).catch(() => {})
  const begun = answers.filter(({ status }) => status() === 200).length
  const unread_mb = answers.reduce((sum, { unread }) => sum + unread(), 0) / 1e6
  const streams = answers.filter(({ header }) => header('transfer-encoding') !== undefined)
  const isReset = () => streams.every(({ socket }) => socket.closed)
  if (size === 'full') await until(() => !api.isRunning() || isReset(), write_timeout_ms).catch(() => {})
  const held = streams.filter(({ socket }) => !socket.closed).length
  clearInterval(watch)
  for (const { socket } of answers) socket.destroy()
  const checks = [
    fired(
      `${name}: connections opened`,
      answers.filter(({ socket }) => socket.bytesWritten > 0).length,
      requests.length,
    ),
    fired(`${name}: answers begun and not read`, begun),
    told(`${name}: MB announced and not taken`, unread_mb),
    ...(size === 'full' && streams.length > 0 ? [exactly(`${name}: still open after the write timeout`, held, 0)] : []),
  ]
  return { checks, answers, growth_mb: most - idle_mb }
}

async function verdict(
  { api }: Target,
  load: ReturnType<typeof others>,
  outcomes: readonly Outcome[],
  idle_mb: number,
): Promise<Check[]> {
  await load.stop()
  const { seen, colleague } = load
  const refusals = outcomes.flatMap(({ answers }) => answers).filter(({ status }) => (status() ?? 0) >= 400)
  const isExpected = ({ status, header }: UnreadAnswer) =>
    [429, 503].includes(status() ?? 0) && header('retry-after') !== undefined
  return [
    exactly('processes that ended', api.isRunning() ? 0 : 1, 0),
    exactly('requests of others that failed', seen.filter((one) => !isGood(one)).length, 0),
    told('what others were told', describe(kindsOf(seen))),
    fired('requests of others meanwhile', seen.length, 150),
    exactly('requests of a colleague that failed', colleague.filter((one) => !isGood(one)).length, 0),
    fired('requests of a colleague meanwhile', colleague.length, 50),
    told('what the colleague was told', describe(kindsOf(colleague))),
    fired('refused with 429 or 503', refusals.length),
    exactly('refusals of another kind, or without Retry-After', refusals.filter((one) => !isExpected(one)).length, 0),
    ...outcomes.map(({ growth_mb }, n) =>
      atMost(`memory over the idle process, attack ${n + 1}`, growth_mb, most_mb, ' MB'),
    ),
    told('idle process, MB', idle_mb),
  ]
}

/** Somebody of the other agency, and a colleague of those who attack, who go on reading their lists. */
function others({ as }: Target) {
  const seen: Seen[] = []
  const colleague: Seen[] = []
  let is_over = false
  const work = async (name: 'outsider' | 'owner', into: Seen[]) => {
    const sender = as(name)
    while (!is_over) into.push(await see(false, () => sender.send('GET', 'properties?limit=20')))
  }
  const done = Promise.all([work('outsider', seen), work('outsider', seen), work('owner', colleague)])
  const end = () => {
    is_over = true
  }
  stopWithStage(end)
  return {
    seen,
    colleague,
    async stop(): Promise<void> {
      end()
      await done
    },
  }
}

async function seedLongTexts({ rows }: Target, size: Size): Promise<void> {
  await rows("update properties set description = repeat('Room with a view. ', 555)")
  await rows(
    `insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id, before, after)
     select a.id, gen_random_uuid(), $1, 'admin', 'property.updated', 'property', gen_random_uuid(),
       jsonb_build_object('description', repeat('Room with a view. ', 1111)),
       jsonb_build_object('description', repeat('Room with a lake. ', 1111))
     from agencies a, generate_series(1, $2::int) where a.slug = 'north'`,
    [players.admin.user_id, entries[size]],
  )
}
