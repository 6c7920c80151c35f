// What attacks and loads are aimed at: the stage with one API process on it, and callers of every role.
import { type PlayerName, players } from '../../test/cast.ts'
import { createSender, type Sender } from '../../test/sender.ts'
import { newHome } from '../../test/steps.ts'
import { type Stage, withStage } from './environment/environment.ts'
import type { RoostProcess } from './environment/roost-process.ts'

export interface Target extends Stage {
  readonly api: RoostProcess
  readonly tokens: Readonly<Record<PlayerName, string>>
  /** A sender with a player's token; `undefined` is nobody. Closed with the stage. */
  as(player: PlayerName | undefined, address?: string): Sender
  /** A new property of the north agency, for four guests; returns its id. */
  newHome(more?: object): Promise<string>
  /** A query as the schema's owner, past row-level security. */
  rows(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

/** As it is deployed: when the event loop lags by so many milliseconds, requests are refused. */
export const shedding = { MAX_LOOP_DELAY: '200' }

/** Sets the stage, starts the API with `env`, works on it, and stops all of it again, whatever happens. */
export function onTarget<T>(
  work: (target: Target) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  return withStage(async (stage) => work(await targetOn(stage, env)))
}

async function targetOn(stage: Stage, env: Readonly<Record<string, string>>): Promise<Target> {
  // Whether answers are right is asked of a service that gives them; loads that may be refused say so in `env`.
  const api = await stage.serve({ MAX_LOOP_DELAY: 'off', ...env })
  const names = Object.keys(players) as PlayerName[]
  const tokens = await Promise.all(names.map(async (name) => [name, await stage.token(name)] as const))
  const tokenOf = Object.fromEntries(tokens) as Record<PlayerName, string>
  const as: Target['as'] = (player, address = api.address) => {
    const sender = createSender(address, player && tokenOf[player])
    stage.defer(() => sender.close())
    return sender
  }
  const admin = as('admin')
  return {
    ...stage,
    api,
    tokens: tokenOf,
    as,
    newHome: (more) => newHome({ post: (path, body) => admin.send('POST', path, body) }, more),
    rows: async (text, values) => (await stage.owner.query(text, values)).rows,
  }
}
