// Opens connections to a PostgreSQL server: pool, probes, LISTEN; defines type parsers.
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { NotificationConnection } from './notification-listener.ts'
import { setQueryTimeout } from './pipeline.ts'

/** By type OID. date, daterange and uuid stay strings, time is HH:MM, bigint is a safe integer, numeric a number. */
const parsers: Readonly<Record<number, (value: string) => unknown>> = {
  20: (value) => {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new RangeError(`bigint out of range: ${value}`)
    return number
  },
  1082: (value) => value,
  1083: (value) => value.slice(0, 5),
  1114: (value) => value,
  1184: toInstant,
  1700: Number,
}

const utc_timestamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/

/** The format of Date.toISOString. Sessions in UTC return a similar text, which needs no date parsing. */
function toInstant(text: string): string {
  if (!utc_timestamp.test(text)) return new Date(text).toISOString()
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).slice(0, 3).padEnd(3, '0')}Z`
}

export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export interface ServerOptions {
  readonly url: string
  readonly size: number
  readonly application_name?: string
  /** The longest wait for an answer of the server, in milliseconds (7000). Its own limits are shorter (database.ts). */
  readonly query_timeout_ms?: number
}

/**
 * Sessions keep prepared statements and plans. With the default of 10 s most of them would be closed while there are only reads,
 * which need few connections. Measured: the p99 of bookings after that was 420 ms instead of 100.
 */
const idle_ms = 600_000

/**
 * A pool for a PostgreSQL server. It connects lazily, so it can be created while the server is down. Every new client gets an
 * error listener at once: a server that ends a session right after its start makes pg emit an error before the caller of
 * connect() has the client, and an error without a listener ends the process.
 */
export function openServerPool(options: ServerOptions): pg.Pool {
  const pool = new pg.Pool({
    application_name: options.application_name ?? 'roost',
    connectionString: options.url,
    connectionTimeoutMillis: 1000,
    idleTimeoutMillis: idle_ms,
    keepAlive: true,
    max: options.size,
    pipeline: true,
    types,
  } as pg.PoolConfig)
  pool.on('connect', (client) => {
    client.on('error', () => {})
    setQueryTimeout(client, options.query_timeout_ms ?? 7000)
  })
  return pool
}

/** Connects outside of the pool. Resolves when the server answers within 500 ms, otherwise rejects. */
export async function probeServer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500, query_timeout: 500 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end().catch(() => {})
  }
}

export interface ServerConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  close(): Promise<void>
}

/** One connection, for an administrator's statements. Rejects when the server does not answer within 3 s. */
export async function connectToServer(url: string): Promise<ServerConnection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  client.on('error', () => {})
  await client.connect()
  return { query: (text, values) => client.query(text, values), close: () => client.end() }
}

/**
 * Listens on a channel with a connection outside of the pool, which does not keep the process alive. Rejects when the server
 * does not answer within a second.
 */
export async function listenOnServer(
  url: string,
  channel: string,
  onPayload: (payload: string) => void,
): Promise<NotificationConnection> {
  const client = new pg.Client({
    application_name: 'roost listener',
    connectionString: url,
    connectionTimeoutMillis: 1000,
    keepAlive: true,
    query_timeout: 1000,
  })
  const closed = new Promise<void>((resolve) => {
    client.on('error', () => resolve())
    client.on('end', () => resolve())
  })
  client.on('notification', ({ payload = '' }) => onPayload(payload))
  // A frozen server does not close the connection, so end() is given up after 500 ms.
  const close = async () => {
    await Promise.race([client.end().catch(() => {}), delay(500, undefined, { ref: false })])
    client.connection?.stream.destroy()
  }
  try {
    await client.connect()
    const { unref } = client as unknown as { unref(): void }
    unref.call(client)
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    return { closed, close }
  } catch (error) {
    await close()
    throw error
  }
}
