// S38: clients request large answers and never read them, while other clients are served.
import { north, players } from '../../../test/cast.ts'
import { askWithoutReading, type UnreadAnswer } from '../../../test/unread-socket.ts'
import { until } from '../../../test/until.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { stopWithEnvironment } from '../environment/loads.ts'
import { countByKind, isSuccess, type Observation, observe } from '../environment/steady-load.ts'
import { rawRequest } from '../load/plan.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_connections = { quick: 60, full: 400 } as const
const num_exports = 8
/** Pipelined requests per connection of the last attack: a single answer would fit into the socket buffers. */
const pipelined = { quick: 1, full: 4 } as const
/** Audit log entries of 40 kB each, as written before long texts were stored as digests. */
const entries = { quick: 400, full: 4000 } as const
/** Limit for the memory growth over the idle process. */
const max_growth_mb = 200
/** The service resets a connection after 10 s without progress and checks once per second. */
const reset_timeout_ms = 30_000

export const unreadAnswers: Scenario = {
  id: 'S38',
  title: `${num_exports} exports and ${num_connections.full} answers that are never read`,
  seconds: { full: 120, quick: 10 },
  run: (size) => withTarget((target) => runAttacks(target, size)),
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

async function runAttacks(target: Target, size: Size): Promise<Check[]> {
  await seedLongTexts(target, size)
  const { api, tokens } = target
  const load = startOtherClients(target)
  await until(() => load.observations.length >= 200)
  const idle_mb = api.usage().rss_mb
  const outcomes: Outcome[] = []
  for (const attack of attacksOf(tokens, size)) {
    if (!api.isRunning()) break
    outcomes.push(await runAttack(target, attack, idle_mb, size))
  }
  return [...outcomes.flatMap(({ checks }) => checks), ...(await checksAfter(target, load, outcomes, idle_mb))]
}

function attacksOf(tokens: Target['tokens'], size: Size): readonly Attack[] {
  const list = rawRequest('GET', '/api/v1/audit-log?limit=100', tokens.admin)
  const users = ['admin', 'manager', 'staff', 'bothAgencies'] as const
  const lists = users.map((name) =>
    rawRequest('GET', '/api/v1/properties?limit=100', tokens[name], undefined, { 'x-agency-id': north }).repeat(
      pipelined[size],
    ),
  )
  const times = (length: number, from: readonly string[]) =>
    Array.from({ length }, (_, n) => from[n % from.length] ?? '')
  return [
    { name: 'exports', requests: times(num_exports, [rawRequest('GET', '/api/v1/audit-log/export', tokens.admin)]) },
    { name: 'one user', requests: times(num_connections[size], [list]) },
    { name: `${users.length} users`, requests: times(num_connections[size], lists) },
  ]
}

/** Sends the requests without reading and records memory until all are answered or reset. */
async function runAttack({ api }: Target, { name, requests }: Attack, idle_mb: number, size: Size): Promise<Outcome> {
  const answers = requests.map((text) => askWithoutReading(api.port, text))
  let max_rss_mb = 0
  const watch = setInterval(() => {
    max_rss_mb = Math.max(max_rss_mb, api.usage().rss_mb)
  }, 20)
  const isAnswered = ({ status, socket }: UnreadAnswer) => status() !== undefined || socket.destroyed
  await until(() => !api.isRunning() || answers.every(isAnswered)).catch(() => {})
  const begun = answers.filter(({ status }) => status() === 200).length
  const unread_mb = answers.reduce((sum, { unread }) => sum + unread(), 0) / 1e6
  const streams = answers.filter(({ header }) => header('transfer-encoding') !== undefined)
  const isReset = () => streams.every(({ socket }) => socket.closed)
  if (size === 'full') await until(() => !api.isRunning() || isReset(), reset_timeout_ms).catch(() => {})
  const open_streams = streams.filter(({ socket }) => !socket.closed).length
  clearInterval(watch)
  for (const { socket } of answers) socket.destroy()
  const checks = [
    injected(
      `${name}: connections opened`,
      answers.filter(({ socket }) => socket.bytesWritten > 0).length,
      requests.length,
    ),
    injected(`${name}: answers started and not read`, begun),
    info(`${name}: MB sent or announced and not read`, unread_mb),
    ...(size === 'full' && streams.length > 0
      ? [exactly(`${name}: still open after the write timeout`, open_streams, 0)]
      : []),
  ]
  return { checks, answers, growth_mb: max_rss_mb - idle_mb }
}

async function checksAfter(
  { api }: Target,
  load: ReturnType<typeof startOtherClients>,
  outcomes: readonly Outcome[],
  idle_mb: number,
): Promise<Check[]> {
  await load.stop()
  const { observations, colleague } = load
  const refusals = outcomes.flatMap(({ answers }) => answers).filter(({ status }) => (status() ?? 0) >= 400)
  const isExpected = ({ status, header }: UnreadAnswer) =>
    [429, 503].includes(status() ?? 0) && header('retry-after') !== undefined
  return [
    exactly('API processes that exited', api.isRunning() ? 0 : 1, 0),
    exactly('requests of another agency that failed', observations.filter((one) => !isSuccess(one)).length, 0),
    info('answers to another agency by kind', formatCounts(countByKind(observations))),
    injected('requests of another agency', observations.length, 150),
    exactly('requests of a colleague that failed', colleague.filter((one) => !isSuccess(one)).length, 0),
    injected('requests of a colleague', colleague.length, 50),
    info('answers to a colleague by kind', formatCounts(countByKind(colleague))),
    injected('requests refused', refusals.length),
    exactly('refusals other than 429 and 503 with Retry-After', refusals.filter((one) => !isExpected(one)).length, 0),
    ...outcomes.map(({ growth_mb }, n) =>
      atMost(`memory growth over the idle process, attack ${n + 1}`, growth_mb, max_growth_mb, ' MB'),
    ),
    info('idle process, MB', idle_mb),
  ]
}

/** A user of another agency and a colleague of the attackers keep reading lists. */
function startOtherClients({ as }: Target) {
  const observations: Observation[] = []
  const colleague: Observation[] = []
  let is_over = false
  const work = async (name: 'outsider' | 'owner', into: Observation[]) => {
    const sender = as(name)
    while (!is_over) into.push(await observe(false, () => sender.send('GET', 'properties?limit=20')))
  }
  const done = Promise.all([work('outsider', observations), work('outsider', observations), work('owner', colleague)])
  const end = () => {
    is_over = true
  }
  stopWithEnvironment(end)
  return {
    observations,
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
