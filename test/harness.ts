// The API on a fresh database, and the cast with a token each: `const { staff, outsider } = await cast(t)`.
import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, type TestContext } from 'node:test'
import type { InjectOptions } from 'fastify'
import { type Config, parseConfig } from '../src/config.ts'
import type { Tokens } from '../src/core/auth/tokens.ts'
import { createLog, type Logger } from '../src/core/log.ts'
import { createRedis } from '../src/core/redis.ts'
import type { Api } from '../src/http/api.ts'
import { assemble } from '../src/service.ts'
import { becomeCast, type Cast, castOf, type PlayerName, players, seedCast } from './cast.ts'
import { openTestStore, type TestStore } from './engines.ts'

export const secret = 'a secret for tests that is long enough to sign with'

export interface Reply<Body = Record<string, unknown>> {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body by asserting it
  readonly body: Body & Record<string, any>
  readonly headers: Record<string, string | number | string[] | undefined>
  readonly text: string
}

type Method = NonNullable<InjectOptions['method']>

/** Somebody who calls the API; bodies go out as JSON. */
export interface Client {
  request(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  delete(path: string, headers?: Record<string, string>): Promise<Reply>
}

export interface Stage extends Record<PlayerName, Client> {
  readonly app: Api
  readonly store: TestStore
  readonly tokens: Tokens
  readonly config: Config
  /** Nobody: no token. */
  readonly anonymous: Client
  /** A client that sends this token. */
  bearing(token: string): Client
  /** Two agencies that nobody else knows, with the whole cast: for a test that stands on nothing another has done. */
  newAgency(): Promise<Agency>
}

/** What `cast()` and test/cast.ts have, under ids, e-mail addresses and slugs of its own. */
export type Agency = Cast & Record<PlayerName, Client>

export interface StageOptions {
  readonly env?: Record<string, string>
  readonly pool_size?: number
  /** Routes of the test's own, registered before the API is ready. */
  readonly extend?: (app: Api, store: TestStore) => void
  readonly store?: TestStore
  /** Where the API logs to; nowhere when left out. */
  readonly log?: Logger
}

/** In all databases of the process: stages may share one. */
let num_agencies = 0

/**
 * As `cast()`, and each test of the file has agencies of its own: the clients call as their people, and `north`, `south`,
 * `players` and `castProperties` of test/cast.ts are theirs. So no test stands on what another has done. What a file reads of them
 * outside of its tests is that of agencies nobody uses. Not for tests that run at the same time.
 */
export async function castPerTest(options: StageOptions = {}): Promise<Stage> {
  const stage = await cast(options)
  let current: Record<PlayerName, Client> = stage
  /** A test, and its parts inside of it. */
  let depth = 0
  beforeEach(async () => {
    depth += 1
    if (depth > 1) return
    const agency = await stage.newAgency()
    current = agency
    becomeCast(agency)
  })
  afterEach(() => {
    depth -= 1
  })
  after(() => becomeCast())
  const names = Object.keys(players) as PlayerName[]
  const clients = names.map((name) => [name, delegate(() => current[name])])
  return {
    ...stage,
    ...(Object.fromEntries(clients) as Record<PlayerName, Client>),
    get app() {
      return stage.app
    },
  }
}

/** Whoever it is at the time of the call. */
function delegate(who: () => Client): Client {
  return {
    request: (...call) => who().request(...call),
    get: (...call) => who().get(...call),
    post: (...call) => who().post(...call),
    patch: (...call) => who().patch(...call),
    delete: (...call) => who().delete(...call),
  }
}

/** Sets the stage for one test file: a database of its own, the API on it. Everything is closed after the file. */
export async function cast(options: StageOptions = {}, context?: TestContext): Promise<Stage> {
  const store = options.store ?? (await openTestStore({ ...(options.pool_size && { pool_size: options.pool_size }) }))
  const config = parseConfig({
    JWT_SECRET: secret,
    RATE_LIMIT: 'off',
    MAX_LOOP_DELAY: 'off',
    LOG_LEVEL: 'silent',
    ...options.env,
  })
  const log = options.log ?? createLog(config.log_level)
  const redis = createRedis(config.redis_url, log)
  const { app, tokens } = await assemble(config, store, redis, log, 0)
  options.extend?.(app, store)
  await app.ready()
  const held: Held = { app }
  const close = async () => {
    await held.app?.close()
    await redis.close()
    await store.close()
    held.app = undefined
  }
  if (context === undefined) after(close)
  else context.after(close)
  async function clientsOf(people: Cast['players']): Promise<Record<PlayerName, Client>> {
    const names = Object.keys(people) as PlayerName[]
    const clients = names.map(async (name) => {
      const { token } = await tokens.issue({ user_id: people[name].user_id })
      return [name, clientOf(held, token)] as const
    })
    return Object.fromEntries(await Promise.all(clients)) as Record<PlayerName, Client>
  }
  return {
    ...(await clientsOf(players)),
    async newAgency() {
      num_agencies += 1
      const made = castOf(num_agencies)
      await seedCast(store.owner, made)
      return { ...made, ...(await clientsOf(made.players)) }
    },
    get app() {
      return open(held)
    },
    store,
    tokens,
    config,
    anonymous: clientOf(held),
    bearing: (token) => clientOf(held, token),
  }
}

/** A test file's clients live as long as the process, which may run many files; the API they call need not. */
interface Held {
  app: Api | undefined
}

function open({ app }: Held): Api {
  assert.ok(app, 'the stage is closed')
  return app
}

function clientOf(held: Held, token?: string): Client {
  async function request(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const reply = await open(held).inject({
      method,
      url: path.startsWith('/') ? path : `/api/v1/${path}`,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    })
    const is_json = reply.headers['content-type']?.toString().includes('json') && reply.payload !== ''
    return { status: reply.statusCode, body: is_json ? reply.json() : {}, headers: reply.headers, text: reply.payload }
  }
  return {
    request,
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body, headers) => request('PATCH', path, body, headers),
    delete: (path, headers) => request('DELETE', path, undefined, headers),
  }
}
