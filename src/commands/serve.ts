// roost serve and roost worker: start and clean shutdown.
import { flushCompileCache } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Config, ConfigError, findMissingSettings } from '../config.ts'
import { loadMetrics, type Metrics } from '../core/load-metrics.ts'
import { createLog, type Logger } from '../core/log.ts'
import { MigrationError } from '../core/migrations/migrations.ts'
import { findServerProblems } from '../core/postgres/server-settings.ts'
import { createRedis } from '../core/redis.ts'
import { countAgencies } from '../features/agencies/agencies.ts'
import { migrateUp, openStore, type Store, version } from '../store.ts'
import type { CommandContext } from './context.ts'
import { loadDemoData } from './demo.ts'
import { stopOnCrash, stopOnSignal } from './shutdown.ts'
import { delayWasmOptimisation } from './wasm-optimisation.ts'
import { printWelcome } from './welcome.ts'

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Run the API, and with WORKER=inline (the default) background jobs.')
    .action(() => serve(context))
  program
    .command('worker')
    .description('Run background jobs only, next to `roost serve` with WORKER=off. Needs DATABASE_URL.')
    .action(() => work(context))
}

async function requireConfig(context: CommandContext): Promise<Config> {
  const config = await context.config()
  const missing = findMissingSettings(config)
  if (missing.length > 0)
    throw new ConfigError(missing.map((name) => `${name} must be set with DATABASE_URL (or JWT_JWKS_URL)`))
  return config
}

async function serve(context: CommandContext): Promise<void> {
  const config = await requireConfig(context)
  const log = createLog(config.log_level)
  if (config.database_url === undefined) delayWasmOptimisation()
  const stops: (() => Promise<unknown>)[] = [await startTraces(config)]
  // Imported on demand, so that other commands start faster.
  const [store, { assemble }] = await Promise.all([openStore(config, log), import('../service.ts')])
  const redis = createRedis(config.redis_url, log)
  const { app, health, metrics } = await assemble(config, store, redis, log)
  const drain = () => {
    health.drain()
    app.drain()
  }
  const stop = async () => {
    await app.close()
    await Promise.all(stops.map((stopOne) => stopOne()))
    await redis.close()
    await store.close()
  }
  stopOnSignal(log, { grace_ms: config.shutdown_grace * 1000, drain, stop })
  stopOnCrash(log, () => app.close())
  if (store.is_embedded) await prepareEmbedded(context, store)
  stops.push(await startMetrics(config, metrics, log))
  // Saves the compile cache now, in case the process is killed later. Not after listen(), because it blocks the event loop:
  // 70 ms for a thousand new files, and seconds when other processes write the same files.
  flushCompileCache()
  // Larger than Node's default of 511, so that a burst of new connections waits in the kernel instead of being refused.
  const address = await app.listen({ port: config.port, host: config.host, backlog: 4096 })
  printWelcome(context, config, address)
  if (!store.is_embedded && config.migrate_on_start === 'on') void migrateWithRetries(store, log)
  // Background jobs start after the service is ready, so that they do not delay it.
  await health.isReady()
  if (!store.is_embedded) void logServerFindings(store, config, log)
  if (config.worker === 'inline') {
    const { startWorker } = await import('../worker.ts')
    const worker = await startWorker({ db: store.db, log, is_embedded: store.is_embedded })
    stops.push(worker.stop)
  }
}

/** Loads OpenTelemetry if traces are exported. Returns the function that exports the remaining spans. */
async function startTraces({ otel_endpoint, otel_disabled, ...config }: Config): Promise<() => Promise<void>> {
  if (otel_endpoint === undefined || otel_disabled === 'true') return async () => {}
  const { startTracing } = await import('../tracing.ts')
  return startTracing(config, otel_endpoint, version)
}

/** Serves the metrics if they have a port of their own. Returns the function that stops it. */
async function startMetrics(config: Config, metrics: Metrics | undefined, log: Logger): Promise<() => Promise<void>> {
  const { host, metrics_port: port, metrics_token: token } = config
  if (metrics === undefined || port === undefined) return async () => {}
  const { serveMetrics } = await import('../http/metrics.ts')
  const server = await serveMetrics(metrics, { host, port, token })
  log.info({ host, port: server.port }, 'metrics are served')
  return server.close
}

/** Logs the findings once. Readiness and `roost doctor` repeat the check. */
async function logServerFindings({ db }: Store, config: Config, log: Logger): Promise<void> {
  for (const { name, severity, message } of (await findServerProblems(db, config.database_pool_size)) ?? []) {
    if (severity === 'error') log.error({ setting: name }, message)
    else log.warn({ setting: name }, message)
  }
}

/** Migrates the embedded database before the service listens. Loads the demo data when there is no agency. */
async function prepareEmbedded(context: CommandContext, store: Store): Promise<void> {
  await migrateUp(store)
  if ((await countAgencies(store.db)) > 0) return
  context.note('New database: loading the demo agencies ...')
  await loadDemoData(store.db)
}

/** Problems that are retried: another process migrates, or the connection was lost. */
const retryable: readonly string[] = ['interrupted', 'locked']

/** Retries every second while the server is down. The service is not ready before the schema is current. */
async function migrateWithRetries(store: Store, log: Logger): Promise<void> {
  for (let is_first = true; ; is_first = false) {
    try {
      const applied = await migrateUp(store, (line) => log.info(line))
      if (applied.length > 0) log.info({ applied }, 'migrations applied')
      return
    } catch (error) {
      if (error instanceof MigrationError && !retryable.includes(error.problem)) {
        log.error({ err: error }, 'migrations failed: the service is not ready until `roost migrate up` succeeds')
        return
      }
      if (is_first) log.error({ err: error }, 'migrations could not run, retrying')
      await delay(1000, undefined, { ref: false })
    }
  }
}

async function work(context: CommandContext): Promise<void> {
  const config = await requireConfig(context)
  if (config.database_url === undefined) {
    throw new ConfigError(['DATABASE_URL must be set: the embedded database can be used by one process only'])
  }
  const log = createLog(config.log_level)
  const [store, { startWorker }] = await Promise.all([openStore(config, log), import('../worker.ts')])
  const stopTraces = await startTraces(config)
  const metrics = await loadMetrics(config, { db: store.db, version })
  const stopMetrics = await startMetrics(config, metrics, log)
  const worker = await startWorker({ db: store.db, log, is_embedded: false })
  const stop = async () => {
    await Promise.all([worker.stop(), stopMetrics()])
    await stopTraces()
    await store.close()
  }
  stopOnSignal(log, { grace_ms: 0, drain: () => {}, stop })
  stopOnCrash(log, async () => {})
  context.note('Roost worker is running; stop it with Ctrl+C.')
}
