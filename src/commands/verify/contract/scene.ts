// What a provocation is given: who may call, whose agency it is, and what of the deployment is in our hands.
import type { Server } from 'node:http'
import type { Config } from '../../../config.ts'
import type { Database } from '../../../core/postgres/database.ts'
import type { Api } from '../../../http/api.ts'
import type { Origin } from './raw-socket.ts'

/** A reply, wherever it came from. */
export interface Provoked {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Somebody who calls the API. A path without a slash in front is one of /api/v1. Objects go out as JSON. */
export interface Caller {
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Provoked>
  get(path: string, headers?: Record<string, string>): Promise<Provoked>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Provoked>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Provoked>
  delete(path: string, headers?: Record<string, string>): Promise<Provoked>
}

/** An agency made for this, where anything may be done. */
export interface Cast {
  readonly admin: Caller
  readonly manager: Caller
  readonly staff: Caller
  /** Staff here, manager in another agency. */
  readonly bothAgencies: Caller
  readonly agency_id: string
  /** The only active admin. */
  readonly admin_id: string
  readonly manager_id: string
  readonly staff_email: string
  /** A property of the agency, and one of the other. */
  readonly home: string
  readonly foreign_home: string
  /** A member of the other agency only. */
  readonly outsider_id: string
  readonly expired_token: string
}

/** A further API on the same database. */
export interface Another {
  readonly app: Api
  readonly origin: Origin
  readonly admin: Caller
  readonly manager: Caller
  bearing(token: string): Caller
}

/** The process itself, with the routes of here.ts. */
export interface Here {
  readonly server: Server
  another(changes: Partial<Config>, extend?: (app: Api) => void): Promise<Another>
  /** One on whose way to the database the answer to a marked COMMIT gets lost (lost-commit.ts). */
  losing?(): Promise<Another>
}

export interface Scene {
  readonly origin: Origin
  readonly anonymous: Caller
  bearing(token: string): Caller
  /** Somebody signed in, at least as staff; what they send changes nothing. */
  readonly reader?: Caller
  readonly cast?: Cast
  readonly here?: Here
  /** The same database, for locks that somebody else holds. */
  readonly others_db?: Database
}

/** What a way to provoke a code takes, beside a deployment that answers. */
export type Need = 'nothing' | 'reader' | 'cast' | 'here' | 'losing' | 'others'

export interface Way {
  readonly needs: Need
  provoke(scene: Scene): Promise<Provoked>
}

export const anybody = (provoke: (scene: Scene) => Promise<Provoked>): Way => ({ needs: 'nothing', provoke })

export const asReader = (provoke: (reader: Caller) => Promise<Provoked>): Way => ({
  needs: 'reader',
  provoke: ({ reader }) => provoke(given(reader)),
})

export const onStage = (provoke: (cast: Cast, scene: Scene) => Promise<Provoked>): Way => ({
  needs: 'cast',
  provoke: (scene) => provoke(given(scene.cast), scene),
})

export const inProcess = (provoke: (here: Here, cast: Cast, scene: Scene) => Promise<Provoked>): Way => ({
  needs: 'here',
  provoke: (scene) => provoke(given(scene.here), given(scene.cast), scene),
})

export const onLosingWay = (provoke: (losing: Another) => Promise<Provoked>): Way => ({
  needs: 'losing',
  provoke: async ({ here }) => provoke(await given(here?.losing)()),
})

export const besideOthers = (provoke: (db: Database, cast: Cast) => Promise<Provoked>): Way => ({
  needs: 'others',
  provoke: ({ others_db, cast }) => provoke(given(others_db), given(cast)),
})

const reasons: Readonly<Record<Need, string>> = {
  nothing: '',
  reader: 'needs somebody signed in: --token',
  cast: 'needs a scratch agency: DATABASE_URL and JWT_SECRET of the deployment',
  here: 'needs a fault inside the process: run without --url',
  losing: 'needs a fault on the way to the database: run without --url, on a server reached by TCP without TLS',
  others: 'needs a second connection to the database',
}

/** Why this scene does not have it; undefined when it does. */
export function lack({ reader, cast, here, others_db }: Scene, need: Need): string | undefined {
  const is_there: Readonly<Record<Need, boolean>> = {
    nothing: true,
    reader: reader !== undefined,
    cast: cast !== undefined,
    here: cast !== undefined && here !== undefined,
    losing: here?.losing !== undefined,
    others: cast !== undefined && others_db !== undefined,
  }
  return is_there[need] ? undefined : reasons[need]
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the scene lacks what the way says it needs')
  return value
}
