// Time from process start until /health/ready answers 200, on an existing and on a new database.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../../../test/until.ts'
import { createCluster, createFolder } from '../../scorecard/environment/cluster.ts'
import { isReady, startRoost } from '../../scorecard/environment/roost-process.ts'
import { jwt_secret } from '../data.ts'
import { type Figure, spreadOf } from '../figures.ts'

type EnvVars = Readonly<Record<string, string>>

/** Targets: 1 s on an existing database, 5 s for the first start. */
export async function coldStart(starts = 5): Promise<Figure[]> {
  const folder = await createFolder('roost-bench-start-')
  const cluster = await createCluster()
  try {
    const first: number[] = []
    for (let n = 0; n < starts; n += 1) {
      // Empty compile cache and data folder, as on a new machine. The last start leaves the existing database.
      const fresh = join(folder, String(n))
      await mkdir(fresh)
      first.push(await measureStart({ XDG_CACHE_HOME: fresh, DATA_DIR: join(fresh, 'data') }))
    }
    const existing_dir = join(folder, String(starts - 1))
    const server = { XDG_CACHE_HOME: existing_dir, DATABASE_URL: cluster.urlOf('postgres'), JWT_SECRET: jwt_secret }
    await measureStart(server)
    const times = { embedded: [] as number[], postgres: [] as number[] }
    for (let n = 0; n < starts; n += 1) {
      times.embedded.push(await measureStart({ XDG_CACHE_HOME: existing_dir, DATA_DIR: join(existing_dir, 'data') }))
      times.postgres.push(await measureStart(server))
    }
    return [
      figure('embedded, existing database', times.embedded, 1),
      figure('PostgreSQL, existing database', times.postgres, 1),
      figure('embedded, first start with demo data', first, 5),
    ]
  } finally {
    await cluster.remove()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function figure(name: string, seconds: readonly number[], limit: number): Figure {
  return { name: `${name}: ready`, value: spreadOf(seconds).median, unit: 's', target: { at_most: limit } }
}

/** Seconds until ready. Stops the process gracefully, so that the next start needs no crash recovery. */
async function measureStart(env: EnvVars): Promise<number> {
  const began = performance.now()
  const service = await startRoost({ env: { LOG_LEVEL: 'warn', ...env }, unready: true })
  try {
    await until(() => isReady(service.address), 60_000)
    return (performance.now() - began) / 1000
  } finally {
    await service.kill('SIGINT')
  }
}
