// The cast on a database whose tables are partitioned by agency, as docs/ops/partition-by-agency.sql makes them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../src/store.ts'
import { openEmbeddedStore, type TestStore } from './engines.ts'
import { cast, type Stage } from './harness.ts'

export type Owner = TestStore['owner']

/** Fewer than the script's own number, which an operator chooses once for good: nothing here depends on it. */
export const partitions = 4

async function scriptOf(): Promise<string> {
  const text = await readFile(join(root, 'docs/ops/partition-by-agency.sql'), 'utf8')
  const chosen = text.replace('select 32 as partitions', `select ${partitions} as partitions`)
  if (chosen === text) throw new Error('the script does not say how many partitions it makes')
  return chosen
}

/** `fill` runs before the tables are partitioned. On the embedded database: the script needs PostgreSQL 17. */
export async function partitionedStage(fill: (store: TestStore) => Promise<void>): Promise<Stage> {
  const store = await openEmbeddedStore()
  await fill(store)
  await store.owner.query(await scriptOf())
  return cast({ store })
}
