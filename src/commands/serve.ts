// roost serve and roost worker: start, say where everything is, stop cleanly.
import { flushCompileCache } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Config, ConfigError, missingSettings } from '../config.ts'
import { createLog, type Logger } from '../core/log.ts'
import { MigrationError } from '../core/migrations/migrations.ts'
import { serverFindings } from '../core/postgres/server-settings.ts'
import { createRedis } from '../core/redis.ts'
import { countAgencies } from '../features/agencies/agencies.ts'
import { migrateUp, openStore, type Store } from '../store.ts'
import type { CommandContext } from './context.ts'
import { loadDemoInto } from './demo.ts'
import { startBeforeOptimising } from './memory.ts'
import { stopOnCrash, stopOnSignal } from './stopping.ts'
import { welcome } from './welcome.ts'

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Run the API; with WORKER=inline (the default) background work as well.')
    .action(() => serve(context))
  program
    .command('worker')
    .description('Run background work alone, beside `roost serve` with WORKER=off; needs DATABASE_URL.')
    .action(() => work(context))
}

async function requireConfig(context: CommandContext): Promise<Config> {
  const config = await context.config()
  const missing = missingSettings(config)
  if (missing.length > 0)
    throw new ConfigError(missing.map((name) => `${name} must be set with DATABASE_URL (or JWT_JWKS_URL)`))
  return config
}

async function serve(context: CommandContext): Promise<void> {
  const config = await requireConfig(context)
  const log = createLog(config.log_level)
  if (config.database_url === undefined) startBeforeOptimising()
  // Loading the whole API takes longer than all other commands need to start.
  const [store, { assemble }] = await Promise.all([openStore(config, log), import('../service.ts')])
  const redis = createRedis(config.redis_url, log)
  const { app, health } = await assemble(config, store, redis, log)
  const stops: (() => Promise<unknown>)[] = []
  const drain = () => {
    health.drain()
    app.drain()
  }
  const stop = async () => {
    await app.close()
    await Promise.all(stops.map((stop) => stop()))
    await redis.close()
    await store.close()
  }
  stopOnSignal(log, { grace_ms: config.shutdown_grace * 1000, drain, stop })
  stopOnCrash(log, () => app.close())
  if (store.is_embedded) await prepareEmbedded(context, store)
  // What was compiled is kept for the next start, also when this process does not live to end in order. Now, because it
  // holds the loop up: a thousand new files take 70 ms, and seconds beside other processes that write the same.
  flushCompileCache()
  // A rush of new connections waits in the kernel until the loop takes them, instead of being broken: more than Node's 511.
  const address = await app.listen({ port: config.port, host: config.host, backlog: 4096 })
  welcome(context, config, address)
  if (!store.is_embedded && config.migrate_on_start === 'on') void migrateWhenUp(store, log)
  // Whoever waits for this process waits for that; background work has all day.
  await health.isReady()
  if (!store.is_embedded) void logServerFindings(store, config, log)
  if (config.worker === 'inline') {
    const { startWorker } = await import('../worker.ts')
    const worker = await startWorker({ db: store.db, log, is_embedded: store.is_embedded })
    stops.push(worker.stop)
  }
}

/** Said once at the start; readiness and `roost doctor` go on looking. */
async function logServerFindings({ db }: Store, config: Config, log: Logger): Promise<void> {
  for (const { name, severity, message } of (await serverFindings(db, config.database_pool_size)) ?? []) {
    if (severity === 'error') log.error({ setting: name }, message)
    else log.warn({ setting: name }, message)
  }
}

/** The embedded database is this process's own: migrated before anybody is let in, with the demo when it is empty. */
async function prepareEmbedded(context: CommandContext, store: Store): Promise<void> {
  await migrateUp(store)
  if ((await countAgencies(store.db)) > 0) return
  context.note('A new database: loading the demo agencies ...')
  await loadDemoInto(store.db)
}

/** Another process migrates just now, or the server went away: worth another try. */
const passing: readonly string[] = ['interrupted', 'locked']

/** The server may be down when the service starts: not ready until its schema is there, tried again every second. */
async function migrateWhenUp(store: Store, log: Logger): Promise<void> {
  for (let is_first = true; ; is_first = false) {
    try {
      const applied = await migrateUp(store, (line) => log.info(line))
      if (applied.length > 0) log.info({ applied }, 'migrations applied')
      return
    } catch (error) {
      if (error instanceof MigrationError && !passing.includes(error.problem)) {
        log.error({ err: error }, 'migrations failed: not ready until `roost migrate up` succeeds')
        return
      }
      if (is_first) log.error({ err: error }, 'migrations wait for the database')
      await delay(1000, undefined, { ref: false })
    }
  }
}

async function work(context: CommandContext): Promise<void> {
  const config = await requireConfig(context)
  if (config.database_url === undefined) {
    throw new ConfigError(['DATABASE_URL must be set: the embedded database serves one process, which works inline'])
  }
  const log = createLog(config.log_level)
  const [store, { startWorker }] = await Promise.all([openStore(config, log), import('../worker.ts')])
  const worker = await startWorker({ db: store.db, log, is_embedded: false })
  const stop = async () => {
    await worker.stop()
    await store.close()
  }
  stopOnSignal(log, { grace_ms: 0, drain: () => {}, stop })
  stopOnCrash(log, async () => {})
  context.note('Roost worker is running; stop it with Ctrl+C.')
}
