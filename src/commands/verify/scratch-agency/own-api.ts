// An API instance in this process on the deployment's database, for verify commands.
import { randomBytes } from 'node:crypto'
import type { Config } from '../../../config.ts'
import { createLog, type Logger } from '../../../core/log.ts'
import { createRedis } from '../../../core/redis.ts'
import type { Assembled } from '../../../service.ts'
import type { Store } from '../../../store.ts'

/**
 * The deployment's configuration with its own JWT secret and without rate limits. Tokens of this instance are not valid in
 * the deployment, and the other way round.
 */
export function isolatedConfig(config: Config): Config {
  return Object.freeze({
    ...config,
    jwt_secret: randomBytes(48).toString('base64url'),
    jwt_jwks_url: undefined,
    jwt_issuer: undefined,
    modules_enabled: ['*'],
    rate_limit: 'off',
    max_loop_delay: 'off',
  })
}

/** Assembles the API without Redis. It does not listen yet. Closing it does not close the store. */
export async function assembleInProcess(
  config: Config,
  store: Store,
  log: Logger = createLog('silent'),
): Promise<Assembled> {
  // Imported on demand, so that other commands start faster.
  const { assemble } = await import('../../../service.ts')
  return assemble(config, store, createRedis(undefined, log), log)
}
