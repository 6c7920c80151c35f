// Assembles the API from the configuration and an open store.
import sql from 'sql-template-tag'
import { buildApi } from './api.ts'
import { type Config, parseConfig } from './config.ts'
import { createIdentities, type Identities } from './core/auth/memberships.ts'
import { createTokensFromConfig, type Tokens } from './core/auth/tokens.ts'
import { createCursors } from './core/cursors.ts'
import { createHealth, type Health } from './core/health.ts'
import { loadMetrics, type Metrics } from './core/load-metrics.ts'
import { createLog, type Logger } from './core/log.ts'
import { createMail } from './core/mail/mail.ts'
import { createMedia } from './core/media/media.ts'
import { createNotificationListener, type NotificationListener } from './core/postgres/notification-listener.ts'
import { findServerProblems } from './core/postgres/server-settings.ts'
import { createRedis, type Redis } from './core/redis.ts'
import { createTenancyWatch } from './core/tenancy/watch.ts'
import type { Api } from './http/api.ts'
import { createExportSlots } from './http/export-slots.ts'
import { createRateLimits } from './http/rate-limits.ts'
import { openStore, readNewestMigration, type Store, version } from './store.ts'

export interface Assembled {
  readonly app: Api
  readonly health: Health
  readonly tokens: Tokens
  readonly metrics: Metrics | undefined
}

/** As long as a heartbeat is recent. */
const worker_start_ms = 45_000

/**
 * Assembles the API on an open store. Memberships are cached for a second, or longer while the store delivers change
 * notifications. `membership_ttl_ms` sets a fixed lifetime instead.
 */
export async function assemble(
  config: Config,
  store: Store,
  redis: Redis,
  log: Logger,
  membership_ttl_ms?: number,
): Promise<Assembled> {
  const { db } = store
  const tokens = createTokensFromConfig(config)
  const tenancy = createTenancyWatch({ db, is_embedded: store.is_embedded, log })
  const health = createHealth({
    probe: store.probe,
    db,
    redis,
    schema_version: await readNewestMigration(),
    worker_start_ms,
    ...(!store.is_embedded && { server: () => findServerProblems(db, config.database_pool_size) }),
    ...(config.tenancy_audit === 'enforce' && { tenancy }),
  })
  const { identities, listener } = createIdentityCache(store, log, membership_ttl_ms)
  const metrics = await loadMetrics(config, { db, version })
  const app = await buildApi(
    {
      config,
      db,
      tokens,
      health,
      tenancy,
      metrics,
      identities,
      cursors: createCursors(config.jwt_secret ?? config.database_url ?? ''),
      limits: createRateLimits({ per_minute: config.rate_limit, redis: redis.client, log }),
      mail: createMail(config, tokens),
      media: createMedia(config),
      exports: createExportSlots(),
      version,
    },
    log,
  )
  if (listener !== undefined) {
    app.server.once('listening', () => listener.start())
    app.addHook('onClose', () => listener.stop())
  }
  return { app, health, tokens, metrics }
}

interface IdentityCache {
  readonly identities: Identities
  /** Undefined for the embedded database, which no other process changes. */
  readonly listener: NotificationListener | undefined
}

function createIdentityCache({ db, listen }: Store, log: Logger, ttl_ms?: number): IdentityCache {
  if (listen === undefined || ttl_ms !== undefined)
    return { identities: createIdentities(db, ttl_ms), listener: undefined }
  const identities: Identities = createIdentities(db, undefined, () => listener.isHealthy())
  const listener = createNotificationListener({
    listen: (onNotification) => listen('roost_people', onNotification),
    notify: (payload) => db.systemTx((tx) => tx.query(sql`select pg_notify('roost_people', ${payload})`)),
    onNotification: identities.invalidate,
    onDisconnect: identities.invalidateAll,
    log,
  })
  return { identities, listener }
}

/** The OpenAPI document. Builds the routes on a store that is never queried. */
export async function openapiDocument(): Promise<object> {
  const log = createLog('silent')
  const config = parseConfig({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', JWT_SECRET: 'x'.repeat(32) })
  const store = await openStore(config, log)
  const { app } = await assemble(config, store, createRedis(undefined, log), log)
  await app.ready()
  const document = app.swagger()
  await app.close()
  await store.close()
  return document
}
