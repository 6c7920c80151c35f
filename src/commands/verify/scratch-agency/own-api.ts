// The API on the deployment's database, in this process and for its own calls only: a secret of its own, no limits.
import { randomBytes } from 'node:crypto'
import type { Config } from '../../../config.ts'
import { createLog } from '../../../core/log.ts'
import { createRedis } from '../../../core/redis.ts'
import { type Assembled, assemble } from '../../../service.ts'
import type { Store } from '../../../store.ts'

/**
 * Not listening yet. Whoever is to call it needs a token of its own `tokens`: those of the deployment are strangers
 * here, and its tokens are nobody's there. `changes` go over the deployment's configuration.
 */
export async function assembleHere(config: Config, store: Store, changes: Partial<Config> = {}): Promise<Assembled> {
  const own = {
    jwt_secret: randomBytes(48).toString('base64url'),
    jwt_jwks_url: undefined,
    jwt_issuer: undefined,
    modules_enabled: ['*'],
    rate_limit: 'off' as const,
  }
  const settings: Config = Object.freeze({ ...config, ...own, ...changes })
  const log = createLog('silent')
  return assemble(settings, store, createRedis(undefined, log), log)
}
