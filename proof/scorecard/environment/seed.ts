// The database that every environment starts with; created once per run.
import { parseConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/core/log.ts'
import { migrateUp, openStore } from '../../../src/store.ts'
import { createApiRole } from '../../../test/api-role.ts'
import { north, seedCast, south } from '../../../test/cast.ts'
import { createCluster, saveData } from './cluster.ts'
import { withConnection } from './connect.ts'

/** The JWT secret of every API process. */
export const jwt_secret = 'a secret of the scorecard that is long enough to sign with'

export const database = 'roost'

export interface SeededProperty {
  readonly id: string
  readonly agency_id: string
}

/** In addition to the properties of the cast. */
const properties_per_agency = 300

const propertyIdOf = (agency: number, n: number) => `0000006${agency}-0000-7000-8000-${String(n).padStart(12, '0')}`

/** The same in every environment. */
export const seededProperties: {
  readonly north: readonly SeededProperty[]
  readonly south: readonly SeededProperty[]
} = {
  north: Array.from({ length: properties_per_agency }, (_, n) => ({ id: propertyIdOf(1, n), agency_id: north })),
  south: Array.from({ length: properties_per_agency }, (_, n) => ({ id: propertyIdOf(2, n), agency_id: south })),
}

let seed: Promise<string> | undefined

/** The data folder of a stopped cluster with the seeded database. */
export function seededData(): Promise<string> {
  seed ??= createSeed()
  return seed
}

async function createSeed(): Promise<string> {
  const cluster = await createCluster()
  try {
    const url = cluster.urlOf(database)
    await withConnection(cluster.urlOf('postgres'), (client) => client.query(`create database ${database}`))
    await migrateDatabase(url)
    await withConnection(url, async (client) => {
      await createApiRole(client)
      await seedCast(client)
      for (const { id, agency_id } of [...seededProperties.north, ...seededProperties.south]) {
        await client.query(
          `insert into properties (agency_id, id, name, property_type, max_guests, base_price_cents, cleaning_fee_cents,
             currency) values ($1, $2, $3, 'house', 6, 10000, 5000, 'EUR')`,
          [agency_id, id, `Property ${id.slice(-4)}`],
        )
      }
      await client.query('analyze')
    })
    await cluster.stopFast()
    return await saveData(cluster.data)
  } finally {
    await cluster.remove()
  }
}

async function migrateDatabase(url: string): Promise<void> {
  const log = createLog('silent')
  const store = await openStore(parseConfig({ DATABASE_URL: url, JWT_SECRET: jwt_secret }), log)
  await migrateUp(store).finally(() => store.close())
}
