// Runs a transaction of the schema owner that is always rolled back.
import type { MigrationConnection } from '../migrations/migrations.ts'
import type { SystemTx } from '../postgres/transaction.ts'

export interface OwnerConnections {
  connectOwner(): Promise<MigrationConnection>
}

/** Runs `work` on a new owner connection, rolls back, and returns the result of `work`. */
export async function ownerTx<T>(store: OwnerConnections, work: (tx: SystemTx) => Promise<T>): Promise<T> {
  const connection = await store.connectOwner()
  let previous: Promise<unknown> = Promise.resolve()
  /** Runs queries one after the other, in the order of the calls. */
  const runQuery = (text: string, values: unknown[] = []) => {
    const rows = previous.then(async () => (await connection.query(text, values)).rows)
    previous = rows.catch(() => {})
    return rows
  }
  const tx = {
    query: ({ text, values }) => runQuery(text, values),
    queue: ({ text, values }) => void runQuery(text, values),
    one: async ({ text, values }) => (await runQuery(text, values))[0],
    maybe: async ({ text, values }) => (await runQuery(text, values))[0],
    async savepoint(work) {
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
