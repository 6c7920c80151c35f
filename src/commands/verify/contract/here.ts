// Errors that need a fault inside the process: routes that fail as nothing else can be made to at will, further processes.
import sql, { raw } from 'sql-template-tag'
import type { Database } from '../../../core/postgres/database.ts'
import type { Api } from '../../../http/api.ts'
import { burn } from './burn.ts'
import { marker } from './lost-commit.ts'
import { exchangeAt } from './raw-socket.ts'
import { inProcess, onLosingWay, type Provoked, type Way } from './scene.ts'

/** The secret parts of a failure that no client may see. Whoever reads the server's log learns where it comes from. */
export const innermost =
  'provoked by roost verify contract: select password_hash from users /* /srv/roost/src/core/secrets.ts:12:34 */'

/** What PostgreSQL likes to say beside its message. */
export const rowOfSomebody = 'Failing row contains (Slartibartfast)'

/** More than may wait for a connection. */
const crowd_size = 210

/** Never part of a deployment: only for an API that is called by us alone. */
export function provocativeRoutes(app: Api, db: Database): void {
  const config = { can: 'ops:read' } as const
  app.get('/provoke/bug', { config }, () => {
    throw new Error(innermost)
  })
  app.get<{ Params: { state: string } }>('/provoke/sqlstate/:state', { config }, ({ actor, params }) => {
    const state = params.state.replaceAll(/[^0-9A-Z]/g, '')
    const text = `do $$ begin raise exception '${innermost}' using errcode = '${state}',\n      detail = '${rowOfSomebody}'; end $$`
    return db.tenantTx(actor, (tx) => tx.query(raw(text)))
  })
  app.get('/provoke/drift', { config }, ({ actor }) =>
    db.tenantRead(actor, (tx) => tx.query(raw('select secret_column from no_such_table'))),
  )
  app.get('/provoke/feature', { config: { can: 'ops:read', feature: 'owner_portal' } }, () => ({}))
  app.get('/provoke/write', { config }, ({ actor }) =>
    db.tenantRead(actor, (tx) => tx.query(sql`delete from blocks b where b.agency_id = ${tx.agency_id} and false`)),
  )
  app.get('/provoke/crowd', { config: { open: true } }, async () => {
    const end = Promise.withResolvers<void>()
    // Heard from the start: when none is refused, all give up before the one behind them does.
    const crowd = Promise.allSettled(Array.from({ length: crowd_size }, () => db.systemTx(() => end.promise)))
    try {
      return await db.systemTx(async () => 'there was room')
    } finally {
      end.resolve()
      await crowd
    }
  })
}

const sqlstate = (state: string): readonly Way[] => [
  inProcess((_here, { admin }) => admin.get(`/provoke/sqlstate/${state}`)),
]

/** Code -> how to get it. The database's own faults are raised in it, by their SQLSTATE. */
export const faults: Readonly<Record<string, readonly Way[]>> = {
  INTERNAL_ERROR: [inProcess((_here, { admin }) => admin.get('/provoke/bug'))],
  FEATURE_DISABLED: [inProcess((_here, { admin }) => admin.get('/provoke/feature'))],
  DB_UNAVAILABLE: sqlstate('57P01'),
  OVERLOADED: [
    inProcess(async ({ another }) => {
      const { manager } = await another({ max_loop_delay: 20 })
      return burn(60, () => firstRefusal(() => manager.get('properties')))
    }),
  ],
  QUERY_TIMEOUT: sqlstate('57014'),
  LOCK_TIMEOUT: sqlstate('55P03'),
  TX_CONTENTION: sqlstate('40P01'),
  COMMIT_UNKNOWN: [
    onLosingWay(({ manager }) => manager.post('properties', { name: marker, property_type: 'house', max_guests: 2 })),
  ],
  SCHEMA_DRIFT: [inProcess((_here, { admin }) => admin.get('/provoke/drift'))],
  POOL_EXHAUSTED: [inProcess((_here, _cast, { anonymous }) => anonymous.get('/provoke/crowd'))],
  REQUEST_TIMEOUT: [
    inProcess(async ({ server }, _cast, { origin }) => {
      const { headersTimeout } = server
      server.headersTimeout = 100
      const { replies } = await exchangeAt(origin, { parts: ['GET /health/live HTTP'] })
      server.headersTimeout = headersTimeout
      return first(replies)
    }),
  ],
  RATE_LIMITED: [
    inProcess(async ({ another }) => {
      const { manager } = await another({ rate_limit: 1 })
      await manager.get('properties')
      return manager.get('properties')
    }),
  ],
  EXPORT_IN_PROGRESS: [
    inProcess(async ({ another }) => {
      const arrived = Promise.withResolvers<void>()
      const second = Promise.withResolvers<void>()
      const { admin } = await another({}, (api) => {
        // The first export has its answer, and does not send it before the second one is refused.
        api.addHook('onSend', async (_request, { statusCode }) => {
          if (statusCode === 429) return
          arrived.resolve()
          await second.promise
        })
      })
      const path = 'guests/00000000-0000-7000-8000-000000000000/export'
      const first = admin.post(path)
      await Promise.race([arrived.promise, first])
      const refused = await admin.post(path).finally(second.resolve)
      await first
      return refused
    }),
  ],
  IDENTITY_UNAVAILABLE: [
    inProcess(async ({ another }, { manager_id }) => {
      const issuer = 'https://identity.example'
      const { bearing } = await another({ jwt_jwks_url: 'http://127.0.0.1:1/keys', jwt_issuer: issuer })
      return bearing(foreignToken(issuer, manager_id)).get('properties')
    }),
  ],
  SHUTTING_DOWN: [
    inProcess(async ({ another }) => {
      const stopping = Promise.withResolvers<void>()
      const arrived = Promise.withResolvers<void>()
      const { app, origin } = await another({}, (api) => {
        api.addHook('preClose', async () => stopping.resolve())
        api.server.on('connection', (socket) => socket.once('data', () => arrived.resolve()))
      })
      const request = 'GET /api/v1/me HTTP/1.1\r\nHost: roost.example\r\n\r\n'
      const parts = [request.slice(0, 20), () => stopping.promise, request.slice(20)]
      const reply = exchangeAt(origin, { parts })
      await arrived.promise
      await Promise.all([reply, app.close()])
      return first((await reply).replies)
    }),
  ],
}

/** Until the delay has been measured nobody is refused. */
/** Or the last reply of ten seconds: a process that never refuses is a finding, and not the end. */
async function firstRefusal(ask: () => Promise<Provoked>): Promise<Provoked> {
  const enough = performance.now() + 10_000
  for (;;) {
    const reply = await ask()
    if (reply.status === 503 || performance.now() > enough) return reply
  }
}

function first(replies: readonly Provoked[]): Provoked {
  const [reply] = replies
  if (reply === undefined) throw new Error('the connection was closed without a reply')
  return reply
}

/** A token of an outside provider that looks right; whether its signature is, nobody can tell without the keys. */
function foreignToken(iss: string, sub: string): string {
  const now = Math.floor(Date.now() / 1000)
  const parts = [
    { alg: 'ES256', kid: 'one', typ: 'JWT' },
    { sub, iss, aud: 'authenticated', iat: now, exp: now + 600 },
  ]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'c2lnbmF0dXJl'].join('.')
}
