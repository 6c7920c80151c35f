// A transaction of the schema's owner that is always undone: for looking at a catalog as its owner may, and at nothing else.
import type { MigrationConnection } from '../migrations/migrations.ts'
import type { SystemTx } from '../postgres/transaction.ts'

export interface OwnedStore {
  connectOwner(): Promise<MigrationConnection>
}

/** Runs `work` on a connection of its own, rolls back whatever it did, and returns what it returned. */
export async function ownerTx<T>(store: OwnedStore, work: (tx: SystemTx) => Promise<T>): Promise<T> {
  const connection = await store.connectOwner()
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other, as the deployment's own connections send them. */
  const rowsOf = (text: string, values: unknown[] = []) => {
    const rows = last.then(async () => (await connection.query(text, values)).rows)
    last = rows.catch(() => {})
    return rows
  }
  const tx = {
    query: ({ text, values }) => rowsOf(text, values),
    send: ({ text, values }) => void rowsOf(text, values),
    one: async ({ text, values }) => (await rowsOf(text, values))[0],
    maybe: async ({ text, values }) => (await rowsOf(text, values))[0],
    async attempt(work) {
      await connection.query('savepoint attempt')
      try {
        return await work()
      } catch (error) {
        await connection.query('rollback to savepoint attempt')
        throw error
      }
    },
    script: (text) => connection.query(text),
  } as SystemTx
  await connection.query('begin')
  try {
    return await work(tx)
  } finally {
    await connection.query('rollback')
    await connection.release()
  }
}
