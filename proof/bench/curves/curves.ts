// Throughput and p99 by number of bookings, agencies, connections and API processes.
import { startPgBouncer } from '../../scorecard/environment/pgbouncer.ts'
import type { RoostProcess } from '../../scorecard/environment/roost-process.ts'
import { type Case, cases } from '../cases.ts'
import { standard, type Volume } from '../data.ts'
import { type Sample, type Spread, spreadOf } from '../figures.ts'
import { type Fixture, withFixture } from '../fixture.ts'
import { aligned, rangeOf } from '../report.ts'
import { runRounds } from '../rounds.ts'
import { productionEnv, roostSystem, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'

export interface Curve {
  readonly id: string
  readonly title: string
  /** The variable of the curve. */
  readonly axis: string
  readonly points: readonly Point[]
}

interface Point {
  readonly at: number
  /** By case id. */
  readonly measured: Readonly<Record<string, Measured>>
}

export interface Measured {
  /** Correct answers per second. */
  readonly per_second: Spread
  readonly p99_ms: Spread
  /** Share of answers refused for overload (503) in the worst round. */
  readonly refused_share: number
}

export interface CurveOptions {
  readonly rounds: number
  readonly seconds: number
  /** A functional check on a hundredth of the data; its figures are not meaningful. */
  readonly is_tiny: boolean
}

const curve_cases: readonly Case[] = cases.filter(({ id }) => ['list', 'get', 'create'].includes(id))

type Note = (line: string) => void

/** Measures the four curves one after the other. */
export async function measureCurves(options: CurveOptions, note: Note): Promise<Curve[]> {
  return [
    await measureByVolume('bookings', 'Bookings', 'bookings in 50 agencies', bookingVolumes, options, note),
    await measureByVolume('agencies', 'Agencies', 'agencies that share 200,000 bookings', agencyVolumes, options, note),
    ...(await withFixture(options.is_tiny ? tiny(standard) : standard, (fixture) =>
      measureByLoad(fixture, options, note),
    )),
  ]
}

/** 100 stays per property: more bookings mean more properties. */
const bookingVolumes = [2, 20, 200, 1000].map((properties) => ({
  volume: { agencies: 50, properties, bookings: 100 },
  at: 50 * properties * 100,
}))

const agencyVolumes = [
  { agencies: 1, properties: 2000, bookings: 100 },
  { agencies: 100, properties: 20, bookings: 100 },
  { agencies: 10_000, properties: 2, bookings: 10 },
].map((volume) => ({ volume, at: volume.agencies }))

const tiny = ({ agencies, properties, bookings }: Volume): Volume => ({
  agencies: Math.ceil(agencies / 10),
  properties: Math.ceil(properties / 10),
  bookings,
})

async function measureByVolume(
  id: string,
  title: string,
  axis: string,
  volumes: readonly { readonly volume: Volume; readonly at: number }[],
  options: CurveOptions,
  note: Note,
): Promise<Curve> {
  const points: Point[] = []
  for (const { volume, at } of volumes) {
    note(`${title}: loading ${at.toLocaleString('en')}`)
    const work = async (fixture: Fixture) => ({ at, measured: await measureOneProcess(fixture, options, note) })
    points.push(await withFixture(options.is_tiny ? tiny(volume) : volume, work))
  }
  return { id, title, axis, points }
}

async function measureOneProcess(fixture: Fixture, options: CurveOptions, note: Note) {
  const api = await serveRoost(fixture.folder, productionEnv(fixture.urls))
  try {
    return await measure(fixture, [api], connections, options, note)
  } finally {
    await api.kill()
  }
}

async function measureByLoad(fixture: Fixture, options: CurveOptions, note: Note): Promise<Curve[]> {
  const api = await serveRoost(fixture.folder, productionEnv(fixture.urls))
  const points: Point[] = []
  try {
    for (const at of [1, 4, 16, 64, 256]) {
      note(`Connections: ${at}`)
      points.push({ at, measured: await measure(fixture, [api], at, options, note) })
    }
  } finally {
    await api.kill()
  }
  const by_connections = { id: 'connections', title: 'Connections', axis: 'connections of clients', points }
  return [by_connections, await measureByProcesses(fixture, options, note)]
}

/** API processes without worker behind PgBouncer in transaction mode with 16 server connections. */
async function measureByProcesses(fixture: Fixture, options: CurveOptions, note: Note): Promise<Curve> {
  const pooler = await startPgBouncer(fixture.cluster.port, 16)
  const url = new URL(fixture.urls.api)
  url.port = String(pooler.port)
  const env = { ...productionEnv(fixture.urls), DATABASE_URL: url.href, DATABASE_PREPARED: 'off', WORKER: 'off' }
  const running: RoostProcess[] = []
  const points: Point[] = []
  try {
    for (const at of [1, 2]) {
      note(`API processes: ${at}`)
      running.push(await serveRoost(fixture.folder, env))
      points.push({ at, measured: await measure(fixture, running, connections, options, note) })
    }
  } finally {
    for (const api of running) await api.kill()
    await pooler.stop()
  }
  return { id: 'processes', title: 'API processes', axis: 'API processes behind PgBouncer', points }
}

/** The first unused request index of each fixture: measurements on one database must not reuse nights. */
const next_index = new WeakMap<Fixture, number>()

async function measure(
  fixture: Fixture,
  processes: readonly RoostProcess[],
  clients: number,
  options: CurveOptions,
  note: Note,
) {
  const first = next_index.get(fixture)
  const roost = roostSystem(processes, fixture.cluster, fixture.dataset, {
    clients,
    may_refuse: true,
    ...(first !== undefined && { first }),
  })
  const results = await runRounds(curve_cases, [roost], { ...options, warm_up_seconds: 2 }, note)
  next_index.set(fixture, roost.nextIndex())
  // A case with a wrong answer has no figures; its error has been reported to `note`.
  return Object.fromEntries(
    results.flatMap(({ case: { id }, samples: { roost: own } }) => (own === undefined ? [] : [[id, measuredOf(own)]])),
  )
}

function measuredOf(samples: readonly Sample[]): Measured {
  return {
    per_second: spreadOf(samples.map(({ per_second }) => per_second)),
    p99_ms: spreadOf(samples.map(({ p99_ms }) => p99_ms)),
    refused_share: Math.max(...samples.map(({ refused, answers }) => refused / answers)),
  }
}

/** The curves as a table for the terminal. */
export function formatCurves(curves: readonly Curve[]): string[] {
  const head = ['', 'CALL', 'REQUESTS/S (MIN MEDIAN MAX)', 'P99 MS (MIN MEDIAN MAX)', 'REFUSED']
  const rows = curves.flatMap(({ axis, points }) =>
    points.flatMap(({ at, measured }) =>
      Object.entries(measured).map(([id, { per_second, p99_ms, refused_share }], n) => [
        n === 0 ? `${at.toLocaleString('en')} ${axis}` : '',
        id,
        rangeOf(per_second),
        rangeOf(p99_ms),
        `${(refused_share * 100).toFixed(1)} %`,
      ]),
    ),
  )
  return aligned([head, ...rows])
}
