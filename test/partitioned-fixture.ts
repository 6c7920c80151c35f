// The cast on a database partitioned by agency with docs/ops/partition-by-agency.sql.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../src/store.ts'
import { openEmbeddedStore, type TestStore } from './engines.ts'
import { cast, type Fixture } from './harness.ts'

export type Owner = TestStore['owner']

/** Fewer than the script's default; the number is not significant here. */
export const partitions = 4

async function scriptOf(): Promise<string> {
  const text = await readFile(join(root, 'docs/ops/partition-by-agency.sql'), 'utf8')
  const chosen = text.replace('select 32 as partitions', `select ${partitions} as partitions`)
  if (chosen === text) throw new Error('the script does not set the number of partitions')
  return chosen
}

/** `fill` runs before the tables are partitioned. Uses the embedded database: the script needs PostgreSQL 17. */
export async function openPartitionedFixture(fill: (store: TestStore) => Promise<void>): Promise<Fixture> {
  const store = await openEmbeddedStore()
  await fill(store)
  await store.owner.query(await scriptOf())
  return cast({ store })
}
