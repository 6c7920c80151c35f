// The API on the deployment's database, in this process and for its own calls only: a secret of its own, no limits.
import { randomBytes } from 'node:crypto'
import type { Config } from '../../../config.ts'
import { createLog, type Logger } from '../../../core/log.ts'
import { createRedis } from '../../../core/redis.ts'
import type { Assembled } from '../../../service.ts'
import type { Store } from '../../../store.ts'

/**
 * The deployment's configuration for an API that only we call. Tokens of the deployment are strangers there, and its
 * own are nobody's in the deployment.
 */
export function ownConfig(config: Config): Config {
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

/** Not listening yet; closing it leaves the store open. Limits are counted in this process, whatever Redis there is. */
export async function assembleHere(
  config: Config,
  store: Store,
  log: Logger = createLog('silent'),
): Promise<Assembled> {
  // Loading the whole API takes longer than every other command needs to start.
  const { assemble } = await import('../../../service.ts')
  return assemble(config, store, createRedis(undefined, log), log)
}
