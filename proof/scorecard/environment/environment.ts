// The stage of a measure: a PostgreSQL cluster of its own with two agencies in it, and real Roost processes on it.
//
//   run: (size) => withStage(async (stage) => {
//     const api = await stage.serve()                                  // `roost serve`, ready, on a port of its own
//     const load = keyedBookings({ address: () => api.address, token: await stage.token('staff'), keys: 300 })
//     await api.kill(); await api.start()                              // kill -9, and again on the same port
//     await stage.cluster.stopImmediate(); await stage.cluster.start()
//     await load.done
//     return verdictOf(stage, load)                                    // lost, duplicate, divergent, overlaps
//   })
//
// keyedBookings (bookings.ts): clients that retry with their Idempotency-Key until they have an answer.
// steadyLoad (steady.ts): so many requests a second, whatever the answers. createSender (test/sender.ts): one request.
// `homes` (seed.ts): 300 homes in each agency. The people are those of test/cast.ts.
// Everything is stopped and removed when the work ends, however it ends.
import { createTokens } from '../../../src/core/auth/tokens.ts'
import { apiRole } from '../../../test/api-role.ts'
import { type PlayerName, players } from '../../../test/cast.ts'
import { type Cluster, createCluster } from './cluster.ts'
import { onServer } from './connect.ts'
import { stopLoads } from './loads.ts'
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts'
import { type RoostProcess, startRoost } from './roost-process.ts'
import { database, jwt_secret, seededData } from './seed.ts'

type Row = Record<string, unknown>

export interface Stage {
  readonly cluster: Cluster
  /** As the superuser, past row-level security; each on a connection of its own, so that no fault lingers. */
  readonly owner: { query(text: string, values?: unknown[]): Promise<{ rows: Row[] }> }
  /** The URL for the API's login role: directly, or through a proxy or pooler on `port`. */
  urlOn(port?: number): string
  /** `roost serve` with WORKER=off and RATE_LIMIT=off unless `env` says otherwise; `env` may change DATABASE_URL. */
  serve(env?: Readonly<Record<string, string>>): Promise<RoostProcess>
  /** `roost worker` alone. */
  work(env?: Readonly<Record<string, string>>): Promise<RoostProcess>
  /** The environment of those two, for processes that a measure starts itself. */
  readonly env: Readonly<Record<string, string>>
  /** PgBouncer in transaction mode before the cluster, with so many connections per user. */
  pgbouncer(pool_size: number): Promise<PgBouncer>
  /** A bearer token for somebody of the cast, good for a day. */
  token(name: PlayerName): Promise<string>
  /** Called when the stage ends, the latest first; for what a measure starts itself. */
  defer(end: () => unknown): void
}

/** Sets the stage, runs the measure on it, and takes it down whatever happens. */
export async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  const defer = (end: () => unknown) => void ends.push(end)
  try {
    return await work(await openStage(defer))
  } finally {
    stopLoads()
    // One that fails keeps none of the others from ending; what is left then goes with the scorecard itself.
    for (const end of ends.reverse()) await Promise.try(end).catch(() => {})
  }
}

async function openStage(defer: (end: () => unknown) => void): Promise<Stage> {
  const cluster = await createCluster(await seededData())
  defer(() => cluster.remove())
  const owner: Stage['owner'] = {
    query: (text, values) => onServer(cluster.urlOf(database), (client) => client.query(text, values)),
  }
  const tokens = createTokens({ secret: jwt_secret, audience: 'authenticated' })

  const urlOn = (port = cluster.port) => `postgres://${apiRole}@127.0.0.1:${port}/${database}`
  const env = {
    DATABASE_URL: urlOn(),
    MIGRATION_DATABASE_URL: cluster.urlOf(database),
    MIGRATE_ON_START: 'off',
    JWT_SECRET: jwt_secret,
    LOG_LEVEL: 'warn',
    RATE_LIMIT: 'off',
    WORKER: 'off',
  }

  async function start(command: 'serve' | 'worker', more: Readonly<Record<string, string>>): Promise<RoostProcess> {
    const child = await startRoost({ command, env: { ...env, ...more } })
    defer(() => child.kill())
    return child
  }

  return {
    cluster,
    owner,
    urlOn,
    env,
    defer,
    serve: (more = {}) => start('serve', more),
    work: (more = {}) => start('worker', more),
    async pgbouncer(pool_size) {
      const pooler = await startPgBouncer(cluster.port, pool_size)
      defer(() => pooler.stop())
      return pooler
    },
    token: async (name) => (await tokens.issue({ user_id: players[name].user_id }, 86_400)).token,
  }
}
