// An environment with one API process, and HTTP clients for every role.
import { type PlayerName, players } from '../../test/cast.ts'
import { createSender, type Sender } from '../../test/sender.ts'
import { newProperty } from '../../test/steps.ts'
import { type Environment, withEnvironment } from './environment/environment.ts'
import type { RoostProcess } from './environment/roost-process.ts'

export interface Target extends Environment {
  readonly api: RoostProcess
  readonly tokens: Readonly<Record<PlayerName, string>>
  /** An HTTP client with this user's token; `undefined` sends none. Closed with the environment. */
  as(player: PlayerName | undefined, address?: string): Sender
  /** Creates a property of the north agency for four guests. Returns its id. */
  newProperty(more?: object): Promise<string>
  /** Queries as the schema owner, which bypasses row-level security. */
  rows(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

/** The default of MAX_LOOP_DELAY: requests are refused while the event loop lags by more than 200 ms. */
export const shedding = { MAX_LOOP_DELAY: '200' }

/** Creates an environment, starts the API with `env` and runs `work`. Always stops everything. */
export function withTarget<T>(
  work: (target: Target) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  return withEnvironment(async (environment) => work(await createTarget(environment, env)))
}

async function createTarget(environment: Environment, env: Readonly<Record<string, string>>): Promise<Target> {
  // Load shedding is off unless `env` enables it: scenarios check answers, not refusals.
  const api = await environment.serve({ MAX_LOOP_DELAY: 'off', ...env })
  const names = Object.keys(players) as PlayerName[]
  const tokens = await Promise.all(names.map(async (name) => [name, await environment.token(name)] as const))
  const tokenOf = Object.fromEntries(tokens) as Record<PlayerName, string>
  const as: Target['as'] = (player, address = api.address) => {
    const sender = createSender(address, player && tokenOf[player])
    environment.defer(() => sender.close())
    return sender
  }
  const admin = as('admin')
  return {
    ...environment,
    api,
    tokens: tokenOf,
    as,
    newProperty: (more) => newProperty({ post: (path, body) => admin.send('POST', path, body) }, more),
    rows: async (text, values) => (await environment.owner.query(text, values)).rows,
  }
}
