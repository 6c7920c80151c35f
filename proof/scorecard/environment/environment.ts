// The environment of a scenario: a PostgreSQL cluster with two agencies, and real Roost processes.
//
//   run: (size) => withEnvironment(async (environment) => {
//     const api = await environment.serve()                            // `roost serve`, ready, on a free port
//     const load = startKeyedBookings({ address: () => api.address, token: await environment.token('staff'), keys: 300 })
//     await api.kill(); await api.start()                              // SIGKILL, then restart on the same port
//     await environment.cluster.stopImmediate(); await environment.cluster.start()
//     await load.done
//     return checkBookings(environment, load)                          // lost, duplicate, divergent, overlapping
//   })
//
// startKeyedBookings (keyed-bookings.ts): clients that retry with their Idempotency-Key until they have an answer.
// startSteadyLoad (steady-load.ts): a fixed request rate. createSender (test/sender.ts): single requests.
// `seededProperties` (seed.ts): 300 properties in each agency. The users are those of test/cast.ts.
// Everything is stopped and removed when the callback settles.
import { createTokens } from '../../../src/core/auth/tokens.ts'
import { apiRole } from '../../../test/api-role.ts'
import { type PlayerName, players } from '../../../test/cast.ts'
import { type Cluster, createCluster } from './cluster.ts'
import { withConnection } from './connect.ts'
import { stopLoads } from './loads.ts'
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts'
import { type RoostProcess, startRoost } from './roost-process.ts'
import { database, jwt_secret, seededData } from './seed.ts'

type Row = Record<string, unknown>

export interface Environment {
  readonly cluster: Cluster
  /** Queries as superuser, each on a new connection, so that an injected fault does not affect the next query. */
  readonly owner: { query(text: string, values?: unknown[]): Promise<{ rows: Row[] }> }
  /** The URL for the login role of the API, directly or through a proxy or pooler on `port`. */
  urlOn(port?: number): string
  /** `roost serve` with WORKER=off and RATE_LIMIT=off unless `env` says otherwise; `env` may change DATABASE_URL. */
  serve(env?: Readonly<Record<string, string>>): Promise<RoostProcess>
  /** `roost worker` alone. */
  work(env?: Readonly<Record<string, string>>): Promise<RoostProcess>
  /** The environment variables of those two, for processes that a scenario starts itself. */
  readonly env: Readonly<Record<string, string>>
  /** PgBouncer in transaction mode with `pool_size` server connections per user. */
  pgbouncer(pool_size: number): Promise<PgBouncer>
  /** A bearer token for a user of the cast, valid for a day. */
  token(name: PlayerName): Promise<string>
  /** Registers a function that runs when the environment ends, in reverse order. */
  defer(end: () => unknown): void
}

/** Creates an environment, runs `work` and always removes the environment. */
export async function withEnvironment<T>(work: (environment: Environment) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  const defer = (end: () => unknown) => void ends.push(end)
  try {
    return await work(await createEnvironment(defer))
  } finally {
    stopLoads()
    // A failure must not prevent the other cleanups. cleanup.ts handles what is left at process exit.
    for (const end of ends.reverse()) await Promise.try(end).catch(() => {})
  }
}

async function createEnvironment(defer: (end: () => unknown) => void): Promise<Environment> {
  const cluster = await createCluster(await seededData())
  defer(() => cluster.remove())
  const owner: Environment['owner'] = {
    query: (text, values) => withConnection(cluster.urlOf(database), (client) => client.query(text, values)),
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
