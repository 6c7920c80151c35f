// S39: sixteen clients of one agency ask for rows that are hard to find; another agency's list goes on beside them.
import { listsOf, queryOf, fillAgency, type Rows } from '../../test/big-agency.ts'
import { until } from '../../test/until.ts'
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../measure.ts'
import { onServer } from '../stage/connect.ts'
import { database } from '../stage/seed.ts'
import { onTarget, shedding, type Target } from '../target.ts'

const clients = 16
const neighbour_rate = 20
const pool_size = 10

const sizes: Readonly<Record<Size, { readonly rows: Rows; readonly seconds: number }>> = {
  full: { rows: { audit_log: 1_000_000, bookings: 400_000, others: 100_000 }, seconds: 5 },
  quick: { rows: { audit_log: 50_000, bookings: 20_000, others: 2000 }, seconds: 0.5 },
}

export const noisyNeighbour: Measure = {
  id: 'S39',
  title: 'A neighbour beside 16 clients of one agency, filter by filter',
  seconds: { full: 420, quick: 10 },
  run: (size) => onTarget((target) => besideEach(target, size), { ...shedding, DATABASE_POOL_SIZE: String(pool_size) }),
}

/** Each filter of each list alone; the quick set asks for all filters of a list in turn at once. */
async function besideEach(target: Target, size: Size): Promise<Check[]> {
  const { rows, seconds } = sizes[size]
  await onServer(target.cluster.urlOf(database), (client) => fillAgency(client, rows))
  const document = await (await fetch(`${target.api.address}/docs/json`)).json()
  const lists = listsOf(document as object).filter(({ path }) => path !== '/audit-log/export')
  const paths = lists.flatMap((list) => [queryOf(list, []), ...list.filters.map((one) => queryOf(list, [one]))])
  const turns = size === 'full' ? paths.map((path) => [path]) : [paths]
  const seen: Turn[] = []
  await neighbour(target, 1)
  for (const turn of turns) seen.push(await beside(target, turn, size === 'full' ? seconds : seconds * 8))
  return checksOf(paths, seen)
}

interface Turn {
  readonly paths: readonly string[]
  readonly alone: Outcome
  readonly beside: Outcome
  readonly hammer: Outcome
  /** The most scans of the noisy agency that the server ran at a time, as often as it was looked. */
  readonly scans: number
}

async function beside(target: Target, paths: readonly string[], seconds: number): Promise<Turn> {
  const alone = await neighbour(target, seconds)
  const requests = paths.map((path) => rawRequest('GET', `/api/v1${path}`, target.tokens.admin))
  const hammered = runLoad({ port: target.api.port, requests, connections: clients, seconds: seconds + 1 })
  const watch = watchScans(target)
  const together = await neighbour(target, seconds)
  const [hammer, scans] = await Promise.all([hammered, watch.stop()])
  await until(async () => (await runningScans(target)) === 0, 10_000)
  return { paths, alone, beside: together, hammer, scans }
}

function neighbour({ api, tokens }: Target, seconds: number): Promise<Outcome> {
  const requests = [rawRequest('GET', '/api/v1/bookings?limit=20', tokens.outsider)]
  return runLoad({ port: api.port, requests, connections: 8, rate: neighbour_rate, seconds })
}

/** A scan is told by its own time limit; statements of other kinds have another. */
async function runningScans({ rows }: Target): Promise<number> {
  const [row] = await rows(
    `select count(*)::int as n from pg_stat_activity
     where usename = 'roost_test_api' and state = 'active' and query like 'select%'`,
  )
  return Number(row?.n)
}
