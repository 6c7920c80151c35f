// The service with production settings, a rate limit that is never reached, and its log in a file.
import { join } from 'node:path'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type RoostProcess, startRoost } from '../../scorecard/environment/roost-process.ts'
import type { Dataset } from '../cases.ts'
import { jwt_secret } from '../data.ts'
import { type HttpOptions, httpSystem } from './system.ts'

/** Environment variables of the API in every scenario; all other settings are the defaults. */
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

/** Starts the service and waits until it is ready. Its log is written to `folder`. */
export function serveRoost(folder: string, env: Readonly<Record<string, string>>): Promise<RoostProcess> {
  return startRoost({ env, log_file: join(folder, 'roost.log') })
}

export function roostSystem(
  processes: readonly RoostProcess[],
  cluster: Cluster,
  dataset: Dataset,
  more: Pick<HttpOptions, 'clients' | 'may_refuse' | 'first'> = {},
): ReturnType<typeof httpSystem> {
  return httpSystem({ name: 'roost', cluster, dataset, processes, callOf: (bench_case) => bench_case, ...more })
}
