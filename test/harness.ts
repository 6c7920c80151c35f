// The API on a new database, with a client for each person: `const { staff } = await cast(t)`.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, type TestContext } from 'node:test'
import type { InjectOptions } from 'fastify'
import { type Config, parseConfig } from '../src/config.ts'
import type { Tokens } from '../src/core/auth/tokens.ts'
import { createLog, type Logger } from '../src/core/log.ts'
import { createRedis } from '../src/core/redis.ts'
import type { Api } from '../src/http/api.ts'
import { assemble } from '../src/service.ts'
import { type AnswerCheck, createAnswerCheck } from './answer-check.ts'
import { type Cast, castOf, type PlayerName, players, seedCast, useCast } from './cast.ts'
import { openTestStore, type TestStore } from './engines.ts'

export const secret = 'a secret for tests that is long enough to sign with'

export interface Reply<Body = Record<string, unknown>> {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests assert what they read of a body
  readonly body: Body & Record<string, any>
  readonly headers: Record<string, string | number | string[] | undefined>
  readonly text: string
}

type Method = NonNullable<InjectOptions['method']>

/** A client of the API. Bodies are sent as JSON. */
export interface Client {
  request(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  delete(path: string, headers?: Record<string, string>): Promise<Reply>
}

export interface Fixture extends Record<PlayerName, Client> {
  readonly app: Api
  readonly store: TestStore
  readonly tokens: Tokens
  readonly config: Config
  /** A client without a token. */
  readonly anonymous: Client
  /** A client with this token. */
  bearing(token: string): Client
  /** Two new agencies with the whole cast, for a test that needs data of its own. */
  newAgency(): Promise<Agency>
}

/** Like `cast()` and test/cast.ts, with its own ids, e-mail addresses and slugs. */
export type Agency = Cast & Record<PlayerName, Client>

export interface FixtureOptions {
  readonly env?: Record<string, string>
  readonly pool_size?: number
  /** Registers the test's own routes before the API is ready. */
  readonly extend?: (app: Api, store: TestStore) => void
  readonly store?: TestStore
  /** The API's log; silent by default. */
  readonly log?: Logger
  /** How long memberships are cached; 0 by default, so that a changed row takes effect in the next request. */
  readonly membership_ttl_ms?: number
}

/** In all databases of the process: fixtures can share one. */
let num_agencies = 0

/**
 * Like `cast()`, but each test has its own agencies: the clients, and `north`, `south`, `players` and `castProperties` of
 * test/cast.ts are those of the running test. Read them inside tests; outside they are those of unused agencies.
 * Not for tests that run concurrently.
 */
export async function castPerTest(options: FixtureOptions = {}): Promise<Fixture> {
  const fixture = await cast(options)
  let current: Record<PlayerName, Client> = fixture
  /** 1 in a test, more in its subtests. */
  let depth = 0
  beforeEach(async () => {
    depth += 1
    if (depth > 1) return
    const agency = await fixture.newAgency()
    current = agency
    useCast(agency)
  })
  afterEach(() => {
    depth -= 1
  })
  after(() => useCast())
  const names = Object.keys(players) as PlayerName[]
  const clients = names.map((name) => [name, delegate(() => current[name])])
  return {
    ...fixture,
    ...(Object.fromEntries(clients) as Record<PlayerName, Client>),
    get app() {
      return fixture.app
    },
  }
}

/** A client that forwards to the current one. */
function delegate(who: () => Client): Client {
  return {
    request: (...call) => who().request(...call),
    get: (...call) => who().get(...call),
    post: (...call) => who().post(...call),
    patch: (...call) => who().patch(...call),
    delete: (...call) => who().delete(...call),
  }
}

let data_folder: string | undefined

/** For the pictures of the tests of this process. */
function dataFolder(): string {
  if (data_folder === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'roost-data-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    data_folder = folder
  }
  return data_folder
}

/** The fixture of a test file: a database and the API on it. Both are closed after the file. */
export async function cast(options: FixtureOptions = {}, context?: TestContext): Promise<Fixture> {
  const store = options.store ?? (await openTestStore({ ...(options.pool_size && { pool_size: options.pool_size }) }))
  const config = parseConfig({
    DATA_DIR: dataFolder(),
    JWT_SECRET: secret,
    RATE_LIMIT: 'off',
    MAX_LOOP_DELAY: 'off',
    LOG_LEVEL: 'silent',
    ...options.env,
  })
  const log = options.log ?? createLog(config.log_level)
  const redis = createRedis(config.redis_url, log)
  const { app, tokens } = await assemble(config, store, redis, log, options.membership_ttl_ms ?? 0)
  options.extend?.(app, store)
  await app.ready()
  checkAnswers(app)
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

/** The document is the same for all fixtures, apart from routes that a deployment can lack. */
let checkAnswer: AnswerCheck | undefined

/** From now on `app.inject` throws for an answer that the OpenAPI document does not allow. */
function checkAnswers(app: Api): void {
  checkAnswer ??= createAnswerCheck(app.swagger())
  const inject = app.inject.bind(app)
  const injectAndCheck = async (options: InjectOptions) => {
    const reply = await inject(options)
    const { method = 'GET', url = '', path = url } = options
    const { headers, payload: text, statusCode: status } = reply
    checkAnswer?.({ method, url: String(path), status, headers, text })
    return reply
  }
  app.inject = injectAndCheck as typeof app.inject
}

/** Clients live as long as the process, which can run many files. The API is released after its file. */
interface Held {
  app: Api | undefined
}

function open({ app }: Held): Api {
  assert.ok(app, 'the fixture is closed')
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
    const is_json = reply.headers['content-type']?.toString().startsWith('application/json') && reply.payload !== ''
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
