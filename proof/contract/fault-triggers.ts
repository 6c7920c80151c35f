// Triggers for errors that need a fault inside the process.
import { randomUUID } from 'node:crypto'
import type { HttpReply } from '../../src/commands/verify/contract/caller.ts'
import { needing, type Trigger, type Triggers } from '../../src/commands/verify/contract/environment.ts'
import { exchangeAt } from '../../src/commands/verify/contract/raw-socket.ts'
import { triggers } from '../../src/commands/verify/contract/triggers.ts'
import { blockEventLoop } from './block-event-loop.ts'
import type { FaultEnvironment, FurtherApi } from './fault-environment.ts'
import { lost_commit_marker } from './lossy-proxy.ts'

type FaultTrigger = Trigger<FaultEnvironment>

const inProcess = (run: FaultTrigger['run']): FaultTrigger => ({ missing: () => undefined, run })

const onLossyApi = (run: (api: FurtherApi) => Promise<HttpReply>): FaultTrigger =>
  needing(
    'needs a server reached by TCP without TLS',
    ({ startLossyApi }: FaultEnvironment) => startLossyApi,
    async (startLossyApi) => run(await startLossyApi()),
  )

const byRoute = (path: string): readonly FaultTrigger[] => [inProcess(({ agency }) => agency.admin.get(path))]

const of_database: Triggers<FaultEnvironment> = {
  DB_UNAVAILABLE: byRoute('/faults/sqlstate/57P01'),
  QUERY_TIMEOUT: byRoute('/faults/sqlstate/57014'),
  // A real lock where a second connection can hold it.
  LOCK_TIMEOUT: [...(triggers.LOCK_TIMEOUT ?? []), ...byRoute('/faults/sqlstate/55P03')],
  TX_CONTENTION: byRoute('/faults/sqlstate/40P01'),
  SCHEMA_DRIFT: byRoute('/faults/drift'),
  POOL_EXHAUSTED: [inProcess(({ anonymous }) => anonymous.get('/faults/waiters'))],
  COMMIT_UNKNOWN: [
    onLossyApi(({ manager }) =>
      manager.post('properties', { name: lost_commit_marker, property_type: 'house', max_guests: 2 }),
    ),
  ],
}

const of_process: Triggers<FaultEnvironment> = {
  INTERNAL_ERROR: byRoute('/faults/bug'),
  FEATURE_DISABLED: byRoute('/faults/feature'),
  OVERLOADED: [
    inProcess(async ({ startApi }) => {
      const { manager } = await startApi({ max_loop_delay: 20 })
      return blockEventLoop(60, () => firstRefusal(() => manager.get('properties')))
    }),
  ],
  REQUEST_TIMEOUT: [
    inProcess(async ({ server, origin }) => {
      const { headersTimeout } = server
      server.headersTimeout = 100
      const { replies } = await exchangeAt(origin, { parts: ['GET /health/live HTTP'] })
      server.headersTimeout = headersTimeout
      return first(replies)
    }),
  ],
  RATE_LIMITED: [
    inProcess(async ({ startApi }) => {
      const { manager } = await startApi({ rate_limit: 1 })
      await manager.get('properties')
      return manager.get('properties')
    }),
  ],
  EXPORT_IN_PROGRESS: [inProcess(secondExport)],
  MEDIA_UNAVAILABLE: [
    inProcess(async ({ startApi }) => {
      const { admin } = await startApi({ media_url: 's3+http://key:secret@127.0.0.1:1/pictures' })
      return admin.get(`/media/${randomUUID()}/${'x'.repeat(22)}/small.webp`)
    }),
  ],
  IMPORT_IN_PROGRESS: [inProcess(secondImport)],
  IDENTITY_UNAVAILABLE: [
    inProcess(async ({ startApi, agency }) => {
      const issuer = 'https://identity.example'
      const { bearing } = await startApi({ jwt_jwks_url: 'http://127.0.0.1:1/keys', jwt_issuer: issuer })
      return bearing(foreignToken(issuer, agency.manager_id)).get('properties')
    }),
  ],
  SHUTTING_DOWN: [inProcess(requestDuringShutdown)],
}

/** In place of the triggers that work from outside, where there are such. */
export const fault_triggers: Triggers<FaultEnvironment> = { ...of_database, ...of_process }

export const all_triggers: Triggers<FaultEnvironment> = { ...triggers, ...fault_triggers }

/** Two exports of one user: the reply to the first is held back until the second is refused. */
async function secondExport({ startApi }: FaultEnvironment): Promise<HttpReply> {
  const first_done = Promise.withResolvers<void>()
  const second_refused = Promise.withResolvers<void>()
  const { admin } = await startApi({}, (api) => {
    api.addHook('onSend', async (_request, { statusCode }) => {
      if (statusCode === 429) return
      first_done.resolve()
      await second_refused.promise
    })
  })
  const path = 'guests/00000000-0000-7000-8000-000000000000/export'
  const first = admin.post(path)
  await Promise.race([first_done.promise, first])
  const refused = await admin.post(path).finally(second_refused.resolve)
  await first
  return refused
}

/** Two imports of one agency: the file of the first is not complete until the second is refused. */
async function secondImport({ startApi }: FaultEnvironment): Promise<HttpReply> {
  const first_arrived = Promise.withResolvers<void>()
  const second_refused = Promise.withResolvers<void>()
  const { admin, admin_token, origin } = await startApi({}, (api) => {
    // The handler of the first request begins at once after it.
    api.addHook('preHandler', async () => first_arrived.resolve())
  })
  const path = '/api/v1/imports?kind=bookings'
  const type = { 'content-type': 'application/octet-stream' }
  const headers = `Authorization: Bearer ${admin_token}\r\nContent-Type: ${type['content-type']}\r\nContent-Length: 4\r\n`
  const head = `POST ${path} HTTP/1.1\r\nHost: roost.example\r\n${headers}\r\n`
  const first = exchangeAt(origin, { parts: [`${head}ab`, () => second_refused.promise, 'cd'] })
  await Promise.race([first_arrived.promise, first])
  const refused = await admin.request('POST', path, 'a;b\n', type).finally(second_refused.resolve)
  await first
  return refused
}

/** A request whose second half is sent after shutdown has begun. */
async function requestDuringShutdown({ startApi }: FaultEnvironment): Promise<HttpReply> {
  const stopping = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const { app, origin } = await startApi({}, (api) => {
    api.addHook('preClose', async () => stopping.resolve())
    api.server.on('connection', (socket) => socket.once('data', () => arrived.resolve()))
  })
  const request = 'GET /api/v1/me HTTP/1.1\r\nHost: roost.example\r\n\r\n'
  const parts = [request.slice(0, 20), () => stopping.promise, request.slice(20)]
  const reply = exchangeAt(origin, { parts })
  await arrived.promise
  await Promise.all([reply, app.close()])
  return first((await reply).replies)
}

/** Requests are accepted until the delay has been measured. After ten seconds the last reply is returned as it is. */
async function firstRefusal(request: () => Promise<HttpReply>): Promise<HttpReply> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const reply = await request()
    if (reply.status === 503 || performance.now() > deadline) return reply
  }
}

function first(replies: readonly HttpReply[]): HttpReply {
  const [reply] = replies
  if (reply === undefined) throw new Error('the connection was closed without a reply')
  return reply
}

/** A well-formed token of an external provider. Its signature cannot be checked without the provider's keys. */
function foreignToken(iss: string, sub: string): string {
  const now = Math.floor(Date.now() / 1000)
  const parts = [
    { alg: 'ES256', kid: 'one', typ: 'JWT' },
    { sub, iss, aud: 'authenticated', iat: now, exp: now + 600 },
  ]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'c2lnbmF0dXJl'].join('.')
}
