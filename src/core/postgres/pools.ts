// Opens pools: PostgreSQL by URL. The wire types are set here once: dates stay strings, money is a number.
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Listening } from './notification-listener.ts'

/** date, time, daterange and uuid stay text; bigint is a checked number; numeric (never money here) a number. */
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

const plain = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/

/** As Date.toISOString writes it. Sessions in UTC write nearly the same, so most times need not be taken apart. */
function toInstant(text: string): string {
  if (!plain.test(text)) return new Date(text).toISOString()
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
}

/**
 * A session keeps what it was asked parsed and planned. The pool's own 10 s would end most of them while only reads come, which need
 * few: measured, p99 of the bookings after that 420 ms instead of 100.
 */
const idle_ms = 600_000

/**
 * A pool on a PostgreSQL server. Connects lazily, so it may be made while the server is down. Each of its clients is
 * listened to from the moment it is there: a server that greets and ends a session in one packet makes the driver say so
 * before whoever asked for the client has it in hand, and an error nobody listens to ends the process.
 */
export function openServer(options: ServerOptions): pg.Pool {
  const pool = new pg.Pool({
    application_name: options.application_name ?? 'roost',
    connectionString: options.url,
    connectionTimeoutMillis: 1000,
    idleTimeoutMillis: idle_ms,
    keepAlive: true,
    max: options.size,
    pipeline: true,
    query_timeout: 7000,
    types,
  } as pg.PoolConfig)
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** A probe on a connection of its own, outside the pool: resolves when the server answers within 500 ms. */
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

/**
 * Listens on a channel over a connection of its own, outside the pool; it keeps no process from ending. Rejects when the
 * server does not take it within a second.
 */
export async function listenOnServer(
  url: string,
  channel: string,
  heard: (payload: string) => void,
): Promise<Listening> {
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
  client.on('notification', ({ payload = '' }) => heard(payload))
  // A frozen server does not say goodbye either.
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
