// The connection to Redis, which may be missing, dead or frozen: a command fails at once instead of waiting for it.
import { createRequire } from 'node:module'
import type { Redis as Client } from 'ioredis'
import type { Part } from './health.ts'
import type { Logger } from './log.ts'

export interface Redis {
  /** Undefined without a URL. Its commands reject within 50 ms, at once while Redis is known to be away. */
  readonly client: Client | undefined
  /** Whether Redis takes a write within 50 ms; before that, waits for the first try to connect. Never throws. */
  status(): Promise<Part>
  close(): Promise<void>
}

/** A connection on which nothing arrives for `socketTimeout` while a reply is due is dropped. */
const budgets = {
  connecting: { commandTimeout: 500, socketTimeout: 500 },
  ready: { commandTimeout: 50, socketTimeout: 200 },
}

/** Connects in the background, for as long as it takes. One warning per outage, one line when it is over. */
export function createRedis(url: string | undefined, log: Logger): Redis {
  if (url === undefined) return { client: undefined, status: async () => 'disabled', close: async () => {} }
  const client = connect(url)
  const tried = firstOf(client, ['ready', 'error', 'end'])
  const outage = outageLog(log)
  client.on('error', (error) => outage.goesOn(error))
  client.on('close', () => Object.assign(client.options, budgets.connecting))
  client.on('ready', () => {
    Object.assign(client.options, budgets.ready)
    outage.isOver()
  })

  return {
    client,
    async status() {
      await tried
      if (client.status !== 'ready') return 'error'
      try {
        // Not PING: a full or read-only Redis still answers that, but counts nothing.
        await client.set('roost:probe', '1', 'PX', 60_000)
        outage.isOver()
        return 'ok'
      } catch (error) {
        outage.goesOn(error)
        return 'error'
      }
    },
    close: () => disconnect(client),
  }
}

/** Loaded only where there is a Redis: it takes as long as all of Fastify. */
const load = createRequire(import.meta.url)

function connect(url: string): Client {
  const { Redis } = load('ioredis') as typeof import('ioredis')
  return new Redis(url, {
    ...budgets.connecting,
    // A count that got no answer is counted elsewhere, so it must not be sent again later.
    autoResendUnfulfilledCommands: false,
    connectTimeout: 500,
    disconnectTimeout: 50,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(250 * 2 ** (attempt - 1), 10_000),
  })
}

function outageLog(log: Logger) {
  let is_out = false
  return {
    goesOn(error: unknown) {
      if (!is_out) log.warn({ error: reasonOf(error) }, 'Redis does not answer; requests are counted per process')
      is_out = true
    },
    isOver() {
      if (is_out) log.info('Redis answers again')
      is_out = false
    },
  }
}

/** A refused connection to several addresses at once has a code, but no message. */
function reasonOf(error: unknown): string {
  const { message, code } = error as Partial<NodeJS.ErrnoException>
  return message || code || 'unknown'
}

function firstOf(client: Client, events: readonly string[]): Promise<unknown> {
  return Promise.race(events.map((event) => new Promise((resolve) => client.once(event, resolve))))
}

/** Between two attempts there is no socket whose end could be waited for. */
async function disconnect(client: Client): Promise<void> {
  const has_socket = ['connecting', 'connect', 'ready'].includes(client.status)
  const ended = has_socket ? firstOf(client, ['end']) : undefined
  client.disconnect()
  await ended
}
