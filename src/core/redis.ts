// The optional connection to Redis. Commands fail fast while Redis is not available.
import { createRequire } from 'node:module'
import type { Redis as Client } from 'ioredis'
import { reasonOf } from './error-reason.ts'
import type { ComponentStatus } from './health.ts'
import type { Logger } from './log.ts'

export interface Redis {
  /** Undefined without a URL. Its commands reject within 50 ms, and immediately while Redis is disconnected. */
  readonly client: Client | undefined
  /** Waits for the first connection attempt, then checks that Redis accepts a write within 50 ms. Never throws. */
  status(): Promise<ComponentStatus>
  close(): Promise<void>
}

/** A connection is closed when a reply is due and nothing arrives for `socketTimeout`. */
const timeouts = {
  connecting: { commandTimeout: 500, socketTimeout: 500 },
  ready: { commandTimeout: 50, socketTimeout: 200 },
}

/** Connects and reconnects in the background. Logs one warning per outage and one line when it has ended. */
export function createRedis(url: string | undefined, log: Logger): Redis {
  if (url === undefined) return { client: undefined, status: async () => 'disabled', close: async () => {} }
  const client = connect(url)
  const connected_or_failed = firstOf(client, ['ready', 'error', 'end'])
  const outage = createOutageLog(log)
  client.on('error', (error) => outage.report(error))
  client.on('close', () => Object.assign(client.options, timeouts.connecting))
  client.on('ready', () => {
    Object.assign(client.options, timeouts.ready)
    outage.ended()
  })

  return {
    client,
    async status() {
      await connected_or_failed
      if (client.status !== 'ready') return 'error'
      try {
        // A full or read-only Redis answers PING but cannot count requests, so this is a write.
        await client.set('roost:probe', '1', 'PX', 60_000)
        outage.ended()
        return 'ok'
      } catch (error) {
        outage.report(error)
        return 'error'
      }
    },
    close: () => disconnect(client),
  }
}

/** Loaded only if Redis is configured, because it takes as long as loading Fastify. */
const load = createRequire(import.meta.url)

function connect(url: string): Client {
  const { Redis } = load('ioredis') as typeof import('ioredis')
  return new Redis(url, {
    ...timeouts.connecting,
    // A request without a reply is counted in memory instead, so the command must not be repeated later.
    autoResendUnfulfilledCommands: false,
    connectTimeout: 500,
    disconnectTimeout: 50,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(250 * 2 ** (attempt - 1), 10_000),
  })
}

function createOutageLog(log: Logger) {
  let is_reported = false
  return {
    report(error: unknown) {
      if (!is_reported) log.warn({ error: reasonOf(error) }, 'Redis does not answer; requests are counted per process')
      is_reported = true
    },
    ended() {
      if (is_reported) log.info('Redis answers again')
      is_reported = false
    },
  }
}

function firstOf(client: Client, events: readonly string[]): Promise<unknown> {
  return Promise.race(events.map((event) => new Promise((resolve) => client.once(event, resolve))))
}

/** Between two connection attempts there is no socket and no 'end' event. */
async function disconnect(client: Client): Promise<void> {
  const has_socket = ['connecting', 'connect', 'ready'].includes(client.status)
  const ended = has_socket ? firstOf(client, ['end']) : undefined
  client.disconnect()
  await ended
}
