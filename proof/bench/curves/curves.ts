// How throughput and p99 change with what there is and who asks: bookings, agencies, connections, API processes.
import { startPgBouncer } from '../../scorecard/environment/pgbouncer.ts'
import type { RoostProcess } from '../../scorecard/environment/roost-process.ts'
import { type Case, cases } from '../cases.ts'
import { standard, type Volume } from '../data.ts'
import { onStand, type Stand } from '../dataset.ts'
import { type Sample, type Spread, spreadOf } from '../figures.ts'
import { aligned, rangeOf } from '../report.ts'
import { runRounds } from '../rounds.ts'
import { productionEnv, roostContestant, serveRoost } from '../systems/roost.ts'
import { connections } from '../systems/system.ts'

export interface Curve {
  readonly id: string
  readonly title: string
  /** What changes from point to point. */
  readonly axis: string
  readonly points: readonly Point[]
}

export interface Point {
  readonly at: number
  /** By case. */
  readonly measured: Readonly<Record<string, Measured>>
}

export interface Measured {
  /** Right answers. */
  readonly per_second: Spread
  readonly p99_ms: Spread
  /** Of all answers, those refused for load (503), in the worst round. */
  readonly refused_share: number
}

export interface CurvePace {
  readonly rounds: number
  readonly seconds: number
  /** Tries all of it out on a hundredth of the data; its figures say nothing. */
  readonly is_tiny: boolean
}

const asked: readonly Case[] = cases.filter(({ id }) => ['list', 'get', 'create'].includes(id))

type Note = (line: string) => void

/** All four, one after the other. */
export async function measureCurves(pace: CurvePace, note: Note): Promise<Curve[]> {
  return [
    await byVolume('bookings', 'Bookings', 'bookings in 50 agencies', bookingVolumes, pace, note),
    await byVolume('agencies', 'Agencies', 'agencies that share 200,000 bookings', agencyVolumes, pace, note),
    ...(await onStand(pace.is_tiny ? tiny(standard) : standard, (stand) => byLoad(stand, pace, note))),
  ]
}

/** 100 stays in each home: an agency with more bookings has more homes. */
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

async function byVolume(
  id: string,
  title: string,
  axis: string,
  volumes: readonly { readonly volume: Volume; readonly at: number }[],
  pace: CurvePace,
  note: Note,
): Promise<Curve> {
  const points: Point[] = []
  for (const { volume, at } of volumes) {
    note(`${title}: loading ${at.toLocaleString('en')}`)
    const work = async (stand: Stand) => ({ at, measured: await withApi(stand, pace, note) })
    points.push(await onStand(pace.is_tiny ? tiny(volume) : volume, work))
  }
  return { id, title, axis, points }
}

async function withApi(stand: Stand, pace: CurvePace, note: Note) {
  const api = await serveRoost(stand.folder, productionEnv(stand.urls))
  try {
    return await measure(stand, [api], connections, pace, note)
  } finally {
    await api.kill()
  }
}

async function byLoad(stand: Stand, pace: CurvePace, note: Note): Promise<Curve[]> {
  const api = await serveRoost(stand.folder, productionEnv(stand.urls))
  const points: Point[] = []
  try {
    for (const at of [1, 4, 16, 64, 256]) {
      note(`Connections: ${at}`)
      points.push({ at, measured: await measure(stand, [api], at, pace, note) })
    }
  } finally {
    await api.kill()
  }
  const by_connections = { id: 'connections', title: 'Connections', axis: 'connections of clients', points }
  return [by_connections, await byProcesses(stand, pace, note)]
}

/** Behind PgBouncer in transaction mode, which shares 16 connections to the server among them. Their work runs elsewhere. */
async function byProcesses(stand: Stand, pace: CurvePace, note: Note): Promise<Curve> {
  const pooler = await startPgBouncer(stand.cluster.port, 16)
  const url = new URL(stand.urls.api)
  url.port = String(pooler.port)
  const env = { ...productionEnv(stand.urls), DATABASE_URL: url.href, DATABASE_PREPARED: 'off', WORKER: 'off' }
  const running: RoostProcess[] = []
  const points: Point[] = []
  try {
    for (const at of [1, 2]) {
      note(`API processes: ${at}`)
      running.push(await serveRoost(stand.folder, env))
      points.push({ at, measured: await measure(stand, running, connections, pace, note) })
    }
  } finally {
    for (const api of running) await api.kill()
    await pooler.stop()
  }
  return { id: 'processes', title: 'API processes', axis: 'API processes behind PgBouncer', points }
}

/** The nights of each measurement on one database lie behind those of the last. */
const starts = new WeakMap<Stand, number>()

async function measure(stand: Stand, served: readonly RoostProcess[], clients: number, pace: CurvePace, note: Note) {
  const first = starts.get(stand)
  const roost = roostContestant(served, stand.cluster, stand.ground, {
    clients,
    may_refuse: true,
    ...(first !== undefined && { first }),
  })
  const results = await runRounds(asked, [roost], { ...pace, warm_up_seconds: 2 }, note)
  starts.set(stand, roost.following())
  // A case with a wrong answer has no figures; the notes say which.
  return Object.fromEntries(
    results.flatMap(({ one, samples: { roost: own } }) => (own === undefined ? [] : [[one.id, measuredOf(own)]])),
  )
}

function measuredOf(samples: readonly Sample[]): Measured {
  return {
    per_second: spreadOf(samples.map(({ per_second }) => per_second)),
    p99_ms: spreadOf(samples.map(({ p99_ms }) => p99_ms)),
    refused_share: Math.max(...samples.map(({ refused, answers }) => refused / answers)),
  }
}

/** For the terminal. */
export function curveTables(curves: readonly Curve[]): string[] {
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
