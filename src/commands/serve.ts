// roost serve and roost worker: start and clean shutdown.
import { flushCompileCache } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Config, ConfigError, findMissingSettings } from '../config.ts'
import { warnOfSecretChange } from '../core/auth/secret-change.ts'
import { createTokensFromConfig } from '../core/auth/tokens.ts'
import { loadMetrics, type Metrics } from '../core/load-metrics.ts'
import { createLog, type Logger } from '../core/log.ts'
import { createMail } from '../core/mail/mail.ts'
import { createMedia } from '../core/media/media.ts'
import { MigrationError } from '../core/migrations/migrations.ts'
import { findServerProblems } from '../core/postgres/server-settings.ts'
import { createRedis, type Redis } from '../core/redis.ts'
import { countAgencies } from '../features/agencies/agencies.ts'
import type { Api } from '../http/api.ts'
import { migrateUp, openStore, type Store, version } from '../store.ts'
import type { WorkerDeps } from '../worker.ts'
import type { CommandContext } from './context.ts'
import { loadDemoData } from './demo.ts'
import { stopOnCrash, stopOnSignal } from './shutdown.ts'
import { listenError, requireFreePort } from './start-errors.ts'
import { printWarnings, readStartState } from './start-warnings.ts'
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

/** A secret that is generated at each start would end all sessions. */
const keep_secret = 'Generate it once and keep it: echo "JWT_SECRET=$(openssl rand -base64 48)" >> .env'

async function requireConfig(context: CommandContext): Promise<Config> {
  const config = await context.config()
  const missing = findMissingSettings(config)
  if (missing.length > 0)
    throw new ConfigError(
      missing.map((name) => `${name} must be set with DATABASE_URL (or JWT_JWKS_URL). ${keep_secret}`),
    )
  return config
}

/** What a process has opened so far. `stop` closes it in the right order, also after a start that failed. */
interface Opened {
  app?: Api
  redis?: Redis
  store?: Store
  readonly stops: (() => Promise<unknown>)[]
}

async function stop({ app, stops, redis, store }: Opened): Promise<void> {
  await app?.close()
  await Promise.all(stops.map((stopOne) => stopOne()))
  await redis?.close()
  await store?.close()
}

const failed_start_ms = 1000

/** Closes what a failed start has opened, for up to a second: then the process exits, which closes the rest. */
async function closingOnFailure(opened: Opened, start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    await Promise.race([stop(opened).catch(() => {}), delay(failed_start_ms)])
    throw error
  }
}

async function serve(context: CommandContext): Promise<void> {
  const config = await requireConfig(context)
  const { host, port, metrics_port } = config
  await requireFreePort({ host, port, setting: 'PORT' })
  if (metrics_port !== undefined) await requireFreePort({ host, port: metrics_port, setting: 'METRICS_PORT' })
  const opened: Opened = { stops: [] }
  await closingOnFailure(opened, () => startService(context, config, opened))
}

async function startService(context: CommandContext, config: Config, opened: Opened): Promise<void> {
  const log = createLog(config.log_level)
  if (config.database_url === undefined) delayWasmOptimisation()
  opened.stops.push(await startTraces(config))
  // Imported on demand, so that other commands start faster.
  const [store, { assemble }] = await Promise.all([openStore(config, log), import('../service.ts')])
  opened.store = store
  const redis = createRedis(config.redis_url, log)
  opened.redis = redis
  const { app, health, metrics } = await assemble(config, store, redis, log)
  opened.app = app
  const drain = () => {
    health.drain()
    app.drain()
  }
  stopOnSignal(log, { grace_ms: config.shutdown_grace * 1000, drain, stop: () => stop(opened) })
  stopOnCrash(log, () => app.close())
  if (store.is_embedded) await prepareEmbedded(context, store, config)
  opened.stops.push(await startMetrics(config, metrics, log))
  // Saves the compile cache now, in case the process is killed later. Not after listen(), because it blocks the event loop:
  // 70 ms for a thousand new files, and seconds when other processes write the same files.
  flushCompileCache()
  const state = await readStartState(store, config)
  printWarnings(context, config, state)
  const address = await listen(app, config)
  printWelcome(context, config, address, state.has_demo)
  const migrating = !store.is_embedded && config.migrate_on_start === 'on' && migrateWithRetries(store, log)
  // Background jobs start after the service is ready, so that they do not delay it, and after the migrations that they need.
  await health.isReady()
  if (!store.is_embedded) void logServerFindings(store, config, log)
  void Promise.resolve(migrating).then(() => warnOfSecretChange(store.db, createTokensFromConfig(config), log))
  if (config.worker === 'inline') {
    await migrating
    const { startWorker } = await import('../worker.ts')
    const mailing = await openMailing(config)
    const worker = await startWorker({
      db: store.db,
      log,
      is_embedded: store.is_embedded,
      media: createMedia(config),
      mailing,
    })
    opened.stops.push(worker.stop)
  }
}

async function listen(app: Api, { host, port }: Config): Promise<string> {
  try {
    // Larger than Node's default of 511, so that a burst of new connections waits in the kernel instead of being refused.
    return await app.listen({ port, host, backlog: 4096 })
  } catch (error) {
    throw listenError(error, { host, port, setting: 'PORT' })
  }
}

/** Loads the client of the mail server if e-mails are sent. */
async function openMailing(config: Config): Promise<WorkerDeps['mailing']> {
  const { smtp_url, mail_from } = config
  if (smtp_url === undefined || mail_from === undefined) return undefined
  const { createMailTransport } = await import('../core/mail/transport.ts')
  const mail = createMail(config, createTokensFromConfig(config))
  return { mail, transport: createMailTransport(smtp_url, mail_from) }
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
  const server = await serveMetrics(metrics, { host, port, token }).catch((error) => {
    throw listenError(error, { host, port, setting: 'METRICS_PORT' })
  })
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
async function prepareEmbedded(context: CommandContext, store: Store, config: Config): Promise<void> {
  await migrateUp(store)
  if ((await countAgencies(store.db)) > 0) return
  context.note('New database: loading the demo agencies ...')
  await loadDemoData(store.db, config)
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
  const opened: Opened = { stops: [] }
  await closingOnFailure(opened, () => startSeparateWorker(context, config, opened))
}

async function startSeparateWorker(context: CommandContext, config: Config, opened: Opened): Promise<void> {
  const log = createLog(config.log_level)
  const [store, { startWorker }] = await Promise.all([openStore(config, log), import('../worker.ts')])
  opened.store = store
  opened.stops.push(await startTraces(config))
  const metrics = await loadMetrics(config, { db: store.db, version })
  opened.stops.push(await startMetrics(config, metrics, log))
  const worker = await startWorker({
    ...{ db: store.db, log, is_embedded: false, media: createMedia(config) },
    mailing: await openMailing(config),
  })
  opened.stops.push(worker.stop)
  stopOnSignal(log, { grace_ms: 0, drain: () => {}, stop: () => stop(opened) })
  stopOnCrash(log, async () => {})
  context.note('Roost worker is running; stop it with Ctrl+C.')
}
