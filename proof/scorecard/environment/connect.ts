// Short conversations with a PostgreSQL server or what stands before it.
import pg from 'pg'

/** One connection for the time of `work`. Rejects when there is none within 5 s. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return work(client).finally(() => client.end().catch(() => {}))
}

/** Whether a query is answered just now. */
export function answers(url: string): Promise<boolean> {
  return onServer(url, (client) => client.query('select 1')).then(
    () => true,
    () => false,
  )
}
