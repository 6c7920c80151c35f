// What the attacks and loads are aimed at: a database of its own with the cast in it, and API processes on it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseConfig } from '../src/config.ts'
import { tokensOf } from '../src/core/tokens.ts'
import { root } from '../src/store.ts'
import { type PlayerName, players } from '../test/cast.ts'
import { openPostgresStore, type TestStore } from '../test/engines.ts'
import { type Caller, callerOf } from '../test/races/rush.ts'
import { freePort } from '../test/redis-server.ts'
import { newHome } from '../test/steps.ts'
import { until } from '../test/until.ts'

export const secret = 'a secret of the scorecard, long enough to sign tokens with'

/** One `roost serve`. */
export interface ApiProcess {
  readonly port: number
  /** Of the process that runs now. */
  pid(): number
  /** kill -9, then the same again on the same port; resolves when it is ready. */
  restart(): Promise<void>
}

export interface Target {
  /** The first of the processes. */
  readonly port: number
  readonly processes: readonly ApiProcess[]
  readonly store: TestStore
  readonly tokens: Readonly<Record<PlayerName, string>>
  /** A caller with a player's token; `undefined` is nobody. Closed with the target. */
  as(player: PlayerName | undefined, port?: number): Caller
  /** A new property of the north agency, for four guests; returns its id. */
  newHome(more?: object): Promise<string>
  /** A query as the schema's owner, past row-level security. */
  rows(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export interface TargetOptions {
  /** How many API processes (1). */
  readonly processes?: number
  readonly env?: Record<string, string>
  /** Flags of node for the API processes: --import of a probe. */
  readonly flags?: readonly string[]
}

/** Starts a target, works on it, and stops all of it again, whatever happens. */
export async function onTarget<T>(work: (target: Target) => Promise<T>, options: TargetOptions = {}): Promise<T> {
  const closing: (() => unknown)[] = []
  try {
    return await work(await openTarget(options, closing))
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function openTarget(options: TargetOptions, closing: (() => unknown)[]): Promise<Target> {
  const store = await openPostgresStore({})
  closing.push(() => store.close())
  const env = {
    DATABASE_URL: store.url ?? '',
    JWT_SECRET: secret,
    MIGRATE_ON_START: 'off',
    WORKER: 'off',
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'silent',
    ...options.env,
  }
  const count = options.processes ?? 1
  const starting = Array.from({ length: count }, () => startApi(env, options.flags ?? [], closing))
  const processes = await Promise.all(starting)
  const port = processes[0]?.port ?? 0
  const tokens = await tokensOfCast(env)
  const admin = callerOf(port, tokens.admin)
  closing.push(() => admin.close())
  return {
    port,
    processes,
    store,
    tokens,
    as: (player, its_port = port) => {
      const caller = callerOf(its_port, player && tokens[player])
      closing.push(() => caller.close())
      return caller
    },
    newHome: (more) => newHome({ post: (path, body) => admin.send('POST', path, body) }, more),
    rows: async (text, values) => (await store.owner.query(text, values)).rows,
  }
}

async function tokensOfCast(env: Record<string, string>): Promise<Record<PlayerName, string>> {
  const judge = tokensOf(parseConfig(env))
  const issued = Object.entries(players).map(async ([name, { user_id }]) => {
    const { token } = await judge.issue({ user_id })
    return [name, token] as const
  })
  return Object.fromEntries(await Promise.all(issued)) as Record<PlayerName, string>
}

/** Resolves when it says that it is ready. */
async function startApi(
  env: Record<string, string>,
  flags: readonly string[],
  closing: (() => unknown)[],
): Promise<ApiProcess> {
  const port = await freePort()
  let child = start()
  closing.push(() => kill())

  function start() {
    const args = [...flags, '--max-semi-space-size=8', join(root, 'src/main.ts'), 'serve']
    const { PATH = '' } = process.env
    return spawn(process.execPath, args, {
      env: { PATH, ...env, PORT: String(port) },
      stdio: 'ignore',
    })
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  const ready = () => until(() => isReady(port), 20_000)
  await ready()
  return {
    port,
    pid: () => child.pid ?? 0,
    restart: async () => {
      await kill()
      child = start()
      await ready()
    },
  }
}

async function isReady(port: number): Promise<boolean> {
  const reply = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
  return reply?.status === 200
}
