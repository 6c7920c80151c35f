// S39: sixteen clients of one agency ask for rows that are hard to find; another agency's list goes on beside them.
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { fillAgency, listsOf, queryOf, type Rows, rare } from '../../../test/big-agency.ts'
import { until } from '../../../test/until.ts'
import { onServer } from '../environment/connect.ts'
import { database } from '../environment/seed.ts'
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const clients = 16

interface Extent {
  readonly rows: Rows
  /** For how long each filter is asked for. */
  readonly seconds: number
  /** Requests of the neighbour a second. */
  readonly rate: number
}

const extents: Readonly<Record<Size, Extent>> = {
  full: { rows: { audit_log: 1_000_000, bookings: 400_000, others: 100_000 }, seconds: 5, rate: 50 },
  quick: { rows: { audit_log: 50_000, bookings: 5000, others: 1000 }, seconds: 2, rate: 50 },
}

export const noisyNeighbour: Measure = {
  id: 'S39',
  title: 'A neighbour beside 16 clients of one agency, filter by filter',
  seconds: { full: 600, quick: 10 },
  run: (size) => onTarget((target) => besideEach(target, size)),
}

/** One filter of one list, or all of them in turn (the quick set), and what became of both agencies' requests. */
interface Turn {
  readonly paths: readonly string[]
  readonly alone: Outcome
  readonly beside: Outcome
  readonly noisy: Outcome
}

async function besideEach(target: Target, size: Size): Promise<Check[]> {
  const extent = extents[size]
  await onServer(target.cluster.urlOf(database), (client) => fillAgency(client, extent.rows))
  const paths = await pathsOf(target)
  await neighbour(target, extent)
  const atOnce = await scansAtOnce(target, extent)
  const turns: Turn[] = []
  for (const turn of size === 'full' ? paths.map((path) => [path]) : [paths])
    turns.push(await beside(target, extent, turn))
  return [...atOnce, ...checksOf(turns)]
}

/** Every list, and each of its filters alone; one that may not be asked for alone is left out. */
async function pathsOf(target: Target): Promise<string[]> {
  const document = await target.as(undefined).send('GET', '/docs/json')
  const lists = listsOf(document.body).filter(({ path }) => path !== '/audit-log/export')
  const paths = lists.flatMap((list) => [queryOf(list, []), ...list.filters.map((one) => queryOf(list, [one]))])
  const admin = target.as('admin')
  const answers: [path: string, status: number][] = []
  for (const path of paths) answers.push([path, (await admin.send('GET', path.slice(1))).status])
  return answers.filter(([, status]) => status !== 422).map(([path]) => path)
}

async function beside(target: Target, extent: Extent, paths: readonly string[]): Promise<Turn> {
  const alone = await neighbour(target, extent)
  const requests = paths.map((path) => rawRequest('GET', `/api/v1${path}`, target.tokens.admin))
  const { seconds } = extent
  const [noisy, together] = await Promise.all([
    runLoad({ port: target.api.port, requests, connections: clients, seconds }),
    neighbour(target, extent),
  ])
  return { paths, alone, beside: together, noisy }
}

function neighbour({ api, tokens }: Target, { seconds, rate }: Extent): Promise<Outcome> {
  const requests = [rawRequest('GET', '/api/v1/bookings?limit=20', tokens.outsider)]
  return runLoad({ port: api.port, requests, connections: 8, rate, seconds })
}

/** While nobody may read the log, each scan of it waits: so many can be counted as run at a time. */
async function scansAtOnce(target: Target, extent: Extent): Promise<Check[]> {
  const waiting = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'"
  const counts: number[] = []
  const path = `/api/v1/audit-log?request_id=${encodeURIComponent(rare.request_id)}`
  const requests = [rawRequest('GET', path, target.tokens.admin)]
  return onServer(target.cluster.urlOf(database), async (locker) => {
    await locker.query('begin; lock table audit_log in access exclusive mode')
    const noisy = runLoad({ port: target.api.port, requests, connections: clients, seconds: 2 })
    const count = async () => counts.push(Number((await target.rows(waiting))[0]?.n))
    await until(async () => (await count()) > 0 && counts.at(-1) !== 0, 5000)
    const seen = await neighbour(target, { ...extent, seconds: 1 })
    for (let n = 0; n < 5; n += 1) await count()
    await locker.query('rollback')
    const { statuses } = await noisy
    return [
      fired('scans that waited for the locked log', counts.filter((n) => n > 0).length),
      exactly('scans of one agency at a time, at most', Math.max(...counts), 1),
      exactly('answers to the neighbour but 200 meanwhile', failed(seen), 0),
      told('answers to the noisy agency then', JSON.stringify(statuses)),
    ]
  })
}

function checksOf(turns: readonly Turn[]): Check[] {
  const baseline = percentile(
    turns.map(({ alone }) => alone.good.p99),
    0.5,
  )
  const byRatio = turns.toSorted((a, b) => b.beside.good.p99 - a.beside.good.p99)
  const [worst] = byRatio
  const asked = turns.filter(({ noisy, paths }) => sum(noisy, () => true) >= Math.max(clients, paths.length))
  const strange = turns.map(({ noisy }) => sum(noisy, (status) => !['200', '503'].includes(status)))
  const isRefused = (status: string) => status === '503'
  return [
    fired('filters that 16 clients asked for', asked.flatMap(({ paths }) => paths).length, 40),
    exactly(
      'answers to them but 200 and 503',
      strange.reduce((a, b) => a + b, 0),
      0,
    ),
    told(
      'of them refused with 503',
      turns.reduce((total, { noisy }) => total + sum(noisy, isRefused), 0),
    ),
    exactly(
      'answers to the neighbour but 200',
      turns.reduce((total, turn) => total + failed(turn.beside), 0),
      0,
    ),
    told("the neighbour's p99 alone, median", baseline),
    told(
      'and beside a filter, median',
      percentile(
        turns.map((turn) => turn.beside.good.p99),
        0.5,
      ),
    ),
    {
      ...atMost('the worst p99 beside a filter, by the one alone', (worst?.beside.good.p99 ?? 0) / baseline, 2),
      is_time: true,
    },
    ...byRatio
      .slice(0, 5)
      .map(({ paths, beside: { good } }) =>
        told(`p99 beside ${paths.length === 1 ? paths[0] : 'all in turn'}`, good.p99),
      ),
  ]
}

/** Requests that its 8 clients were too busy to send are late, not refused: they count in the times of those that were sent. */
const failed = (outcome: Outcome) => sum(outcome, (status) => status !== '200' && status !== 'unsent')

function sum({ statuses }: Outcome, which: (status: string) => boolean): number {
  return Object.entries(statuses).reduce((total, [status, count]) => total + (which(status) ? count : 0), 0)
}
