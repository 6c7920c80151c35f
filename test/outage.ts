// A store whose database can be cut off: from then on every connection is refused, as after a crash of the server.
import { parseConfig } from '../src/config.ts'
import type { Database } from '../src/core/postgres/database.ts'
import { openStore, type Store } from '../src/store.ts'
import { silent, type TestStore } from './engines.ts'
import { secret } from './harness.ts'

/** Nothing listens on port 1 of this machine. */
export const unreachable = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', JWT_SECRET: secret }

export interface CuttableStore extends TestStore {
  cutOff(): void
  restore(): void
}

/** Uses the database of `store` until cutOff(), then a server that cannot be reached. Closes both. */
export async function cuttable(store: TestStore): Promise<CuttableStore> {
  const dead = await openStore(parseConfig(unreachable), silent)
  let current: Store = store
  const db = Object.fromEntries(
    Object.keys(store.db).map((name) => {
      const key = name as keyof Database
      return [name, (...args: unknown[]) => (current.db[key] as (...args: unknown[]) => unknown)(...args)]
    }),
  )
  return {
    ...store,
    db: db as unknown as Database,
    probe: () => current.probe(),
    cutOff: () => {
      current = dead
    },
    restore: () => {
      current = store
    },
    close: async () => {
      await Promise.all([store.close(), dead.close()])
    },
  }
}
