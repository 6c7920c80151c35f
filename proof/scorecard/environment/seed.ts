// The database that every stage begins with: migrated, with the cast of the tests and many homes; made once per run.
import { parseConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/core/log.ts'
import { migrateUp, openStore } from '../../../src/store.ts'
import { createApiRole } from '../../../test/api-role.ts'
import { north, seedCast, south } from '../../../test/cast.ts'
import { createCluster, keepData } from './cluster.ts'
import { onServer } from './connect.ts'

/** Signs the tokens of the scorecard; every API process gets it. */
export const jwt_secret = 'a secret of the scorecard that is long enough to sign with'

export const database = 'roost'

export interface Home {
  readonly id: string
  readonly agency_id: string
}

/** So many homes in each agency beside those of the cast. */
const homes_per_agency = 300

const homeId = (agency: number, n: number) => `0000006${agency}-0000-7000-8000-${String(n).padStart(12, '0')}`

/** The homes of both agencies, the same on every stage. */
export const homes: { readonly north: readonly Home[]; readonly south: readonly Home[] } = {
  north: Array.from({ length: homes_per_agency }, (_, n) => ({ id: homeId(1, n), agency_id: north })),
  south: Array.from({ length: homes_per_agency }, (_, n) => ({ id: homeId(2, n), agency_id: south })),
}

let seed: Promise<string> | undefined

/** The folder of a stopped cluster that has it. */
export function seededData(): Promise<string> {
  seed ??= makeSeed()
  return seed
}

async function makeSeed(): Promise<string> {
  const cluster = await createCluster()
  try {
    const url = cluster.urlOf(database)
    await onServer(cluster.urlOf('postgres'), (client) => client.query(`create database ${database}`))
    await migrateAt(url)
    await onServer(url, async (client) => {
      await createApiRole(client)
      await seedCast(client)
      for (const { id, agency_id } of [...homes.north, ...homes.south]) {
        await client.query(
          `insert into properties (agency_id, id, name, property_type, max_guests, base_price_cents, cleaning_fee_cents,
             currency) values ($1, $2, $3, 'house', 6, 10000, 5000, 'EUR')`,
          [agency_id, id, `Home ${id.slice(-4)}`],
        )
      }
      await client.query('analyze')
    })
    await cluster.stopFast()
    return await keepData(cluster.data)
  } finally {
    await cluster.remove()
  }
}

async function migrateAt(url: string): Promise<void> {
  const log = createLog('silent')
  const store = await openStore(parseConfig({ DATABASE_URL: url, JWT_SECRET: jwt_secret }), log)
  await migrateUp(store).finally(() => store.close())
}
