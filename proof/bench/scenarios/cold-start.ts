// From the start of the process to the first 200 of /health/ready: on a database that exists, and on none at all.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../../../test/until.ts'
import { createCluster, ownFolder } from '../../scorecard/environment/cluster.ts'
import { isReady, startRoost } from '../../scorecard/environment/roost-process.ts'
import { jwt_secret } from '../data.ts'
import { type Figure, spreadOf } from '../figures.ts'

type Environment = Readonly<Record<string, string>>

/** The targets: less than a second on a database that exists, less than five for the first start of all. */
export async function coldStart(starts = 5): Promise<Figure[]> {
  const folder = await ownFolder('roost-bench-start-')
  const cluster = await createCluster()
  try {
    const first: number[] = []
    for (let n = 0; n < starts; n += 1) {
      // Nothing compiled, nothing saved: as on a new machine. What the last one leaves is the database that exists.
      const fresh = join(folder, String(n))
      await mkdir(fresh)
      first.push(await readyIn({ XDG_CACHE_HOME: fresh, DATA_DIR: join(fresh, 'data') }))
    }
    const kept = join(folder, String(starts - 1))
    const server = { XDG_CACHE_HOME: kept, DATABASE_URL: cluster.urlOf('postgres'), JWT_SECRET: jwt_secret }
    await readyIn(server)
    const existing = { embedded: [] as number[], postgres: [] as number[] }
    for (let n = 0; n < starts; n += 1) {
      existing.embedded.push(await readyIn({ XDG_CACHE_HOME: kept, DATA_DIR: join(kept, 'data') }))
      existing.postgres.push(await readyIn(server))
    }
    return [
      figure('embedded, existing database', existing.embedded, 1),
      figure('PostgreSQL, existing database', existing.postgres, 1),
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

/** Seconds until it is ready; stopped in order afterwards, so that the next one finds no crash to recover from. */
async function readyIn(env: Environment): Promise<number> {
  const began = performance.now()
  const service = await startRoost({ env: { LOG_LEVEL: 'warn', ...env }, unready: true })
  try {
    await until(() => isReady(service.address), 60_000)
    return (performance.now() - began) / 1000
  } finally {
    await service.kill('SIGINT')
  }
}
