// Sets the scene: on the API in this process, with a cast; or on a deployment that runs elsewhere, with whoever we may be.
import type { Config } from '../../../config.ts'
import { createTokens, type Tokens } from '../../../core/auth/tokens.ts'
import { createLog, type Logger } from '../../../core/log.ts'
import type { Api } from '../../../http/api.ts'
import { openStore, type Store } from '../../../store.ts'
import { assembleHere } from '../scratch-agency/own-api.ts'
import { callerOn, listenHere } from './caller.ts'
import { isReadable, openLossyWay } from './lost-commit.ts'
import type { Origin } from './raw-socket.ts'
import type { Another, Cast, Here, Scene } from './scene.ts'

/** Who plays: ids of people in two agencies, and of a property in each. */
export type Players = Pick<Cast, 'agency_id' | 'staff_email' | 'home' | 'foreign_home'> & {
  readonly admin: string
  readonly manager: string
  readonly staff: string
  readonly bothAgencies: string
  readonly outsider: string
}

/** Callers for the players, with tokens that last an hour. */
export async function castOf(origin: Origin, config: Config, tokens: Tokens, players: Players): Promise<Cast> {
  const { agency_id, staff_email, home, foreign_home } = players
  const as = async (user_id: string) => callerOn(origin, (await tokens.issue({ user_id })).token)
  const { jwt_secret: secret, jwt_issuer: issuer, jwt_audience: audience } = config
  const twoHoursAgo = createTokens({ secret, issuer, audience }, () => Date.now() - 2 * 3600 * 1000)
  return {
    admin: await as(players.admin),
    manager: await as(players.manager),
    staff: await as(players.staff),
    bothAgencies: await as(players.bothAgencies),
    expired_token: (await twoHoursAgo.issue({ user_id: players.manager })).token,
    admin_id: players.admin,
    manager_id: players.manager,
    outsider_id: players.outsider,
    ...{ agency_id, staff_email, home, foreign_home },
  }
}

export interface Deployment {
  readonly config: Config
  readonly store: Store
  readonly log?: Logger
}

/** The scene on an API of this process that already listens at `origin` and has the provocative routes. */
export function sceneHere(
  deployment: Deployment,
  { app, origin }: { app: Api; origin: Origin },
  cast: Cast,
): { scene: Scene; close(): Promise<void> } {
  const { config, store } = deployment
  const closing: (() => Promise<void>)[] = []
  const open: Here['another'] = async (changes, extend) => {
    const another = await openAnother(deployment, changes, cast, extend)
    closing.push(() => another.app.close())
    return another
  }
  async function losing(): Promise<Another> {
    const way = await openLossyWay(config.database_url ?? '')
    closing.push(way.close)
    const lossy = { ...config, database_url: way.url }
    const behind = await openStore(lossy, createLog('silent'))
    closing.push(behind.close)
    const another = await openAnother({ config: lossy, store: behind }, {}, cast)
    closing.push(() => another.app.close())
    return another
  }
  const can_lose = !store.is_embedded && isReadable(config.database_url)
  const here: Here = { server: app.server, another: open, ...(can_lose && { losing }) }
  const others = store.is_embedded ? {} : { others_db: store.db }
  return {
    scene: { ...sceneAt(origin), reader: cast.staff, cast, here, ...others },
    close: async () => {
      for (const close of closing.reverse()) await close()
    },
  }
}

/** The least there is: where it listens, and nobody. */
export function sceneAt(origin: Origin): Scene {
  return { origin, anonymous: callerOn(origin), bearing: (token) => callerOn(origin, token) }
}

async function openAnother(
  { config, store, log }: Deployment,
  changes: Partial<Config>,
  { admin_id, manager_id }: Cast,
  extend?: (app: Api) => void,
): Promise<Another> {
  const { app, tokens } = await assembleHere({ ...config, jwt_audience: 'authenticated', ...changes }, store, log)
  extend?.(app)
  const origin = await listenHere(app)
  const bearing = (token: string) => callerOn(origin, token)
  const as = async (user_id: string) => bearing((await tokens.issue({ user_id })).token)
  return { app, origin, bearing, admin: await as(admin_id), manager: await as(manager_id) }
}
