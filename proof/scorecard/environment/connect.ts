// Single connections to PostgreSQL or PgBouncer.
import pg from 'pg'

/** Runs `work` on a new connection. Rejects when connecting takes longer than 5 s. */
export async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return work(client).finally(() => client.end().catch(() => {}))
}

/** Whether the server currently answers a query. */
export function canConnect(url: string): Promise<boolean> {
  return withConnection(url, (client) => client.query('select 1')).then(
    () => true,
    () => false,
  )
}
