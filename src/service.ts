// Puts the API together: configuration and an open store -> identities, health, limits, routes. Nothing here decides anything.
import { buildApi } from './api.ts'
import { type Config, parseConfig } from './config.ts'
import { createCursors } from './core/cursors.ts'
import { createHealth, type Health } from './core/health.ts'
import { createLog, type Logger } from './core/log.ts'
import { createIdentities } from './core/memberships.ts'
import { createRedis, type Redis } from './core/redis.ts'
import { createTokens, type Tokens } from './core/tokens.ts'
import type { Api } from './http/api.ts'
import { createLimits } from './http/limits.ts'
import { newestMigration, openStore, type Store, version } from './store.ts'

export function tokensOf(config: Config): Tokens {
  return createTokens({
    secret: config.jwt_secret,
    jwks_url: config.jwt_jwks_url,
    issuer: config.jwt_issuer,
    audience: config.jwt_audience,
  })
}

export interface Assembled {
  readonly app: Api
  readonly health: Health
  readonly tokens: Tokens
}

/** The API on an open store. `membership_ttl_ms` is how long a person's roles are remembered. */
export async function assemble(
  config: Config,
  store: Store,
  redis: Redis,
  log: Logger,
  membership_ttl_ms = 1000,
): Promise<Assembled> {
  const { db } = store
  const tokens = tokensOf(config)
  const health = createHealth({ probe: store.probe, db, redis, schema_version: await newestMigration() })
  const app = await buildApi(
    {
      config,
      db,
      tokens,
      health,
      identities: createIdentities(db, membership_ttl_ms),
      cursors: createCursors(config.jwt_secret ?? config.database_url ?? ''),
      limits: createLimits({ per_minute: config.rate_limit, redis: redis.client, log }),
      version,
      started_at: new Date(),
    },
    log,
  )
  return { app, health, tokens }
}

/** The OpenAPI document; the routes are built on parts that are never asked. */
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
