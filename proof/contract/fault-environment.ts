// The test environment in this process: an API with fault routes, and further APIs to start.
import type { Server } from 'node:http'
import type { Caller } from '../../src/commands/verify/contract/caller.ts'
import { callerOn, listenHere } from '../../src/commands/verify/contract/caller.ts'
import {
  anonymousEnvironment,
  type TestAgency,
  type TestEnvironment,
} from '../../src/commands/verify/contract/environment.ts'
import type { Origin } from '../../src/commands/verify/contract/raw-socket.ts'
import { assembleInProcess } from '../../src/commands/verify/scratch-agency/own-api.ts'
import type { Config } from '../../src/config.ts'
import { createLog, type Logger } from '../../src/core/log.ts'
import type { Api } from '../../src/http/api.ts'
import { openStore, type Store } from '../../src/store.ts'
import { isReadable, openLossyProxy } from './lossy-proxy.ts'

/** A further API on the same database. */
export interface FurtherApi {
  readonly app: Api
  readonly origin: Origin
  readonly admin: Caller
  readonly manager: Caller
  readonly admin_token: string
  bearing(token: string): Caller
}

export interface FaultEnvironment extends TestEnvironment {
  readonly agency: TestAgency
  /** The HTTP server of the API at `origin`. */
  readonly server: Server
  startApi(changes: Partial<Config>, extend?: (app: Api) => void): Promise<FurtherApi>
  /** An API that loses the reply to a marked COMMIT (lossy-proxy.ts). Needs a server reached by TCP without TLS. */
  readonly startLossyApi?: () => Promise<FurtherApi>
}

export interface Deployment {
  readonly config: Config
  readonly store: Store
  readonly log?: Logger
}

/** `app` listens at `origin` and has the fault routes. `close` stops the further APIs. */
export function faultEnvironment(
  deployment: Deployment,
  { app, origin }: { app: Api; origin: Origin },
  agency: TestAgency,
): { environment: FaultEnvironment; close(): Promise<void> } {
  const { config, store } = deployment
  const closing: (() => Promise<void>)[] = []
  const startApi: FaultEnvironment['startApi'] = async (changes, extend) => {
    const api = await startFurtherApi(deployment, changes, agency, extend)
    closing.push(() => api.app.close())
    return api
  }
  async function startLossyApi(): Promise<FurtherApi> {
    const proxy = await openLossyProxy(config.database_url ?? '')
    closing.push(proxy.close)
    const lossy = { ...config, database_url: proxy.url }
    const lossy_store = await openStore(lossy, createLog('silent'))
    closing.push(lossy_store.close)
    const api = await startFurtherApi({ config: lossy, store: lossy_store }, {}, agency)
    closing.push(() => api.app.close())
    return api
  }
  const can_lose = !store.is_embedded && isReadable(config.database_url)
  return {
    environment: {
      ...anonymousEnvironment(origin),
      ...{ reader: agency.staff, agency, server: app.server, startApi },
      ...(can_lose && { startLossyApi }),
      ...(!store.is_embedded && { second_db: store.db }),
    },
    close: async () => {
      for (const close of closing.reverse()) await close()
    },
  }
}

async function startFurtherApi(
  { config, store, log }: Deployment,
  changes: Partial<Config>,
  { admin_id, manager_id }: TestAgency,
  extend?: (app: Api) => void,
): Promise<FurtherApi> {
  const { app, tokens } = await assembleInProcess({ ...config, jwt_audience: 'authenticated', ...changes }, store, log)
  extend?.(app)
  const origin = await listenHere(app)
  const bearing = (token: string) => callerOn(origin, token)
  const tokenOf = async (user_id: string) => (await tokens.issue({ user_id })).token
  const admin_token = await tokenOf(admin_id)
  const manager = bearing(await tokenOf(manager_id))
  return { app, origin, bearing, admin_token, admin: bearing(admin_token), manager }
}
