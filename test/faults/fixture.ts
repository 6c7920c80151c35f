// The service with its database behind a proxy and its own Redis, so that both can fail.
import { after } from 'node:test'
import { parseConfig } from '../../src/config.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { openStore } from '../../src/store.ts'
import { players } from '../cast.ts'
import { openTestStore } from '../engines.ts'
import { secret } from '../harness.ts'
import { type RecordingLog, recordingLog } from '../recording-log.ts'
import { type RedisServer, startRedisServer } from '../redis-server.ts'
import { startProxy, type TcpProxy } from '../tcp-proxy.ts'

export interface FaultFixture {
  readonly address: string
  readonly database: TcpProxy
  readonly redis: RedisServer
  /** The environment of this service. A process started with it uses the same database. */
  readonly env: Record<string, string>
  readonly token: string
  readonly log: RecordingLog
  get(path: string): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests assert what they read of a body
  readonly body: any
  readonly ms: number
}

/** `membership_ttl_ms`: how long memberships are cached, so that /ops works while the database is down. */
export async function openFaultFixture(
  membership_ttl_ms: number,
  more: Record<string, string> = {},
): Promise<FaultFixture> {
  const inner = await openTestStore()
  const redis = await startRedisServer()
  const target = new URL(inner.url ?? '')
  const database = await startProxy(Number(target.port || 5432))
  target.hostname = '127.0.0.1'
  target.port = String(database.port)
  const env = {
    DATABASE_URL: target.href,
    REDIS_URL: redis.url,
    JWT_SECRET: secret,
    RATE_LIMIT: '100000',
    MAX_LOOP_DELAY: 'off',
    LOG_LEVEL: 'info',
    ...more,
  }
  const config = parseConfig(env)
  const recording = recordingLog()
  const { log } = recording
  const store = await openStore(config, log)
  const redisClient = createRedis(config.redis_url, log)
  const { app, tokens } = await assemble(config, store, redisClient, log, membership_ttl_ms)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const { token } = await tokens.issue({ user_id: players.admin.user_id })
  after(async () => {
    await database.resume()
    await app.close()
    await redisClient.close()
    await store.close()
    await database.close()
    await redis.stop()
    await inner.close()
  })
  return { address, database, redis, env, token, log: recording, get: (path) => ask(`${address}${path}`, token) }
}

export async function ask(url: string, token: string): Promise<Answer> {
  const init = { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(300_000) }
  const started = performance.now()
  const reply = await fetch(url, init)
  const body = JSON.parse(await reply.text())
  return { status: reply.status, headers: reply.headers, body, ms: performance.now() - started }
}
