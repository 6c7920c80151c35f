// S39: 16 clients of one agency run expensive searches while another agency reads lists.
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { fillAgency, listsOf, queryOf, type Rows, rare } from '../../../test/big-agency.ts'
import { until } from '../../../test/until.ts'
import { withConnection } from '../environment/connect.ts'
import { countLockWaits } from '../environment/lock-waits.ts'
import { database } from '../environment/seed.ts'
import { type Outcome, rawRequest, runLoad } from '../load/plan.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_clients = 16

interface Settings {
  readonly rows: Rows
  /** Duration of the load on each filter. */
  readonly seconds: number
  /** Requests per second of the neighbour. */
  readonly rate: number
}

const settings_by_size: Readonly<Record<Size, Settings>> = {
  full: { rows: { audit_log: 1_000_000, bookings: 400_000, others: 100_000 }, seconds: 5, rate: 50 },
  quick: { rows: { audit_log: 50_000, bookings: 5000, others: 1000 }, seconds: 2, rate: 50 },
}

export const noisyNeighbour: Scenario = {
  id: 'S39',
  title: 'Lists of one agency while 16 clients of another search, filter by filter',
  seconds: { full: 600, quick: 10 },
  run: (size) => withTarget((target) => measureAll(target, size)),
}

/** The outcomes for one filter, or for all filters in rotation (quick). */
interface Measurement {
  readonly paths: readonly string[]
  readonly without_load: Outcome
  readonly under_load: Outcome
  readonly search: Outcome
}

async function measureAll(target: Target, size: Size): Promise<Check[]> {
  const settings = settings_by_size[size]
  await withConnection(target.cluster.urlOf(database), (client) => fillAgency(client, settings.rows))
  const paths = await pathsOf(target)
  await runNeighbour(target, settings)
  const scan_checks = await countConcurrentScans(target, settings)
  const measurements: Measurement[] = []
  for (const selected of size === 'full' ? paths.map((path) => [path]) : [paths])
    measurements.push(await measure(target, settings, selected))
  return [...scan_checks, ...checksOf(measurements)]
}

/** Every list without a filter and with each single filter. Filters that require others (422) are left out. */
async function pathsOf(target: Target): Promise<string[]> {
  const document = await target.as(undefined).send('GET', '/docs/json')
  const lists = listsOf(document.body).filter(({ path }) => !path.endsWith('/export'))
  const paths = lists.flatMap((list) => [queryOf(list, []), ...list.filters.map((one) => queryOf(list, [one]))])
  const admin = target.as('admin')
  const answers: [path: string, status: number][] = []
  for (const path of paths) answers.push([path, (await admin.send('GET', path.slice(1))).status])
  return answers.filter(([, status]) => status !== 422).map(([path]) => path)
}

async function measure(target: Target, settings: Settings, paths: readonly string[]): Promise<Measurement> {
  const without_load = await runNeighbour(target, settings)
  const requests = paths.map((path) => rawRequest('GET', `/api/v1${path}`, target.tokens.admin))
  const { seconds } = settings
  const [search, under_load] = await Promise.all([
    runLoad({ port: target.api.port, requests, connections: num_clients, seconds }),
    runNeighbour(target, settings),
  ])
  return { paths, without_load, under_load, search }
}

function runNeighbour({ api, tokens }: Target, { seconds, rate }: Settings): Promise<Outcome> {
  const requests = [rawRequest('GET', '/api/v1/bookings?limit=20', tokens.outsider)]
  return runLoad({ port: api.port, requests, connections: 8, rate, seconds })
}

/** Repeats the load: on a busy machine it can end before what it causes is seen. Returns the last outcome. */
async function loadUntil(isSeen: () => boolean, plan: Parameters<typeof runLoad>[0]): Promise<Outcome> {
  const outcome = await runLoad(plan)
  return isSeen() ? outcome : loadUntil(isSeen, plan)
}

/** Counts concurrent scans of the audit log: while the table is locked, every scan waits for the lock. */
async function countConcurrentScans(target: Target, settings: Settings): Promise<Check[]> {
  const counts: number[] = []
  const path = `/api/v1/audit-log?request_id=${encodeURIComponent(rare.request_id)}`
  const requests = [rawRequest('GET', path, target.tokens.admin)]
  return withConnection(target.cluster.urlOf(database), async (locker) => {
    await locker.query('begin; lock table audit_log in access exclusive mode')
    const isSeen = () => counts.some((n) => n > 0)
    const count = async () => counts.push(await countLockWaits(target))
    const search = loadUntil(isSeen, { port: target.api.port, requests, connections: num_clients, seconds: 2 })
    await until(async () => (await count()) > 0 && isSeen())
    const neighbour_outcome = await runNeighbour(target, { ...settings, seconds: 1 })
    for (let n = 0; n < 5; n += 1) await count()
    await locker.query('rollback')
    const { statuses } = await search
    return [
      injected('samples with scans waiting for the lock', counts.filter((n) => n > 0).length),
      exactly('maximum concurrent scans of one agency', Math.max(...counts), 1),
      exactly('neighbour: answers other than 200 during the scans', countFailed(neighbour_outcome), 0),
      info('searching agency: answers by status during the scans', JSON.stringify(statuses)),
    ]
  })
}

function checksOf(measurements: readonly Measurement[]): Check[] {
  const baseline = percentile(
    measurements.map(({ without_load }) => without_load.good.p99),
    0.5,
  )
  const by_p99 = measurements.toSorted((a, b) => b.under_load.good.p99 - a.under_load.good.p99)
  const [worst] = by_p99
  const sent = measurements.filter(
    ({ search, paths }) => sum(search, () => true) >= Math.max(num_clients, paths.length),
  )
  const unexpected = measurements.map(({ search }) => sum(search, (status) => !['200', '503'].includes(status)))
  const isRefused = (status: string) => status === '503'
  return [
    injected('filters searched by 16 clients', sent.flatMap(({ paths }) => paths).length, 40),
    exactly(
      'searching agency: answers other than 200 and 503',
      unexpected.reduce((a, b) => a + b, 0),
      0,
    ),
    info(
      'searching agency: answers 503',
      measurements.reduce((total, { search }) => total + sum(search, isRefused), 0),
    ),
    exactly(
      'neighbour: answers other than 200',
      measurements.reduce((total, measurement) => total + countFailed(measurement.under_load), 0),
      0,
    ),
    info('neighbour: p99 without load, median', baseline),
    info(
      'neighbour: p99 under load, median',
      percentile(
        measurements.map((measurement) => measurement.under_load.good.p99),
        0.5,
      ),
    ),
    {
      ...atMost(
        'neighbour: worst p99 under load divided by p99 without load',
        (worst?.under_load.good.p99 ?? 0) / baseline,
        2,
      ),
      is_time: true,
    },
    ...by_p99
      .slice(0, 5)
      .map(({ paths, under_load: { good } }) =>
        info(`neighbour: p99 during ${paths.length === 1 ? paths[0] : 'all filters'}`, good.p99),
      ),
  ]
}

/** Unsent requests are late rather than failed; the times of the sent requests include their delay. */
const countFailed = (outcome: Outcome) => sum(outcome, (status) => status !== '200' && status !== 'unsent')

function sum({ statuses }: Outcome, which: (status: string) => boolean): number {
  return Object.entries(statuses).reduce((total, [status, count]) => total + (which(status) ? count : 0), 0)
}
