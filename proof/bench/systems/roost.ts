// The service as it is in production: everything on, limits that are never reached, its log in a file.
import { join } from 'node:path'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type RoostProcess, startRoost } from '../../scorecard/environment/roost-process.ts'
import type { Ground } from '../cases.ts'
import { jwt_secret } from '../data.ts'
import { type HttpOptions, overHttp } from './system.ts'

/** The settings of the API in every measure; the rest is as it is when nobody says anything. */
export function productionEnv(urls: { readonly owner: string; readonly api: string }): Record<string, string> {
  return {
    DATABASE_URL: urls.api,
    MIGRATION_DATABASE_URL: urls.owner,
    JWT_SECRET: jwt_secret,
    RATE_LIMIT: '1000000',
    WORKER: 'inline',
    LOG_LEVEL: 'info',
  }
}

/** Started and ready. `folder` takes its log. */
export function serveRoost(folder: string, env: Readonly<Record<string, string>>): Promise<RoostProcess> {
  return startRoost({ env, log_file: join(folder, 'roost.log') })
}

export function roostContestant(
  served: readonly RoostProcess[],
  cluster: Cluster,
  ground: Ground,
  more: Pick<HttpOptions, 'clients' | 'may_refuse' | 'first'> = {},
): ReturnType<typeof overHttp> {
  return overHttp({ name: 'roost', cluster, ground, served, callOf: (one) => one, ...more })
}
