// One way to bring about each documented error, over HTTP or a raw socket, with the real database behind it.
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { raw } from 'sql-template-tag'
import type { Logger } from '../../src/core/log.ts'
import type { Api } from '../../src/http/api.ts'
import { burn } from '../burn.ts'
import { houses, password, players } from '../cast.ts'
import type { TestStore } from '../engines.ts'
import { cast, type Stage, type StageOptions, secret } from '../harness.ts'
import { exchange } from '../raw-socket.ts'
import { until } from '../until.ts'

/** A reply, wherever it came from. */
export interface Provoked {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

export interface Scene {
  readonly stage: Stage
  /** Where `stage` listens. */
  readonly port: number
  /** Further stages on the same database. */
  another(options: StageOptions): Promise<Stage>
}

export type Provocation = (scene: Scene) => Promise<Provoked>

/** The secret parts of a failure that no client may see. */
export const innermost = 'select password_hash from users /* /srv/roost/src/core/secrets.ts:12:34 */'

/** What PostgreSQL likes to say beside its message. */
export const rowOfSomebody = 'Failing row contains (Slartibartfast)'

/** Routes that fail in the database as nothing else can be made to at will. */
export function provocativeRoutes(app: Api, store: TestStore): void {
  const { db } = store
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
    db.tenantRead(actor, (tx) => tx.query(raw('delete from bookings where false'))),
  )
  app.get('/provoke/crowd', { config: { open: true } }, async () => {
    const end = Promise.withResolvers<void>()
    const crowd = Array.from({ length: 210 }, () => db.systemTx(() => end.promise))
    try {
      return await db.systemTx(async () => 'there was room')
    } finally {
      end.resolve()
      await Promise.allSettled(crowd)
    }
  })
}

export async function setScene(log?: Logger): Promise<Scene> {
  const stage = await cast({ extend: provocativeRoutes, ...(log !== undefined && { log }) })
  await stage.app.listen({ port: 0, host: '127.0.0.1' })
  const store = { ...stage.store, close: async () => {} }
  return { stage, port: portOf(stage), another: (options) => cast({ store, ...options }) }
}

function portOf({ app }: Stage): number {
  return (app.server.address() as AddressInfo).port
}

async function sent(port: number, parts: Parameters<typeof exchange>[1]['parts'], patience = 2000): Promise<Provoked> {
  const { replies } = await exchange(port, { parts, patience })
  if (replies[0] === undefined) throw new Error('no reply')
  return replies[0]
}

function plain(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: roost.example\r\n${headers}\r\n`
}

let day = 0

/** A booking nobody has made yet. */
function stay(fields: object = {}) {
  day += 2
  const check_in = new Date(Date.UTC(2030, 0, day)).toISOString().slice(0, 10)
  const check_out = new Date(Date.UTC(2030, 0, day + 1)).toISOString().slice(0, 10)
  return { property_id: houses.town.id, check_in, check_out, num_adults: 2, ...fields }
}

/** The same without people. */
function nights() {
  const { property_id, check_in, check_out } = stay()
  return { property_id, check_in, check_out }
}

async function made(reply: Promise<{ status: number; body: { id?: string }; text: string }>): Promise<string> {
  const { status, body, text } = await reply
  if (status !== 201 || body.id === undefined) throw new Error(`not made: ${status} ${text}`)
  return body.id
}

function newProperty({ stage }: Scene): Promise<string> {
  return made(stage.manager.post('properties', { name: 'New', property_type: 'house', max_guests: 4 }))
}

const sqlstate =
  (state: string): Provocation =>
  ({ stage }) =>
    stage.admin.get(`/provoke/sqlstate/${state}`)

/** Code -> how to get it. Those of `onServer` need a server whose connections can be cut. */
export const provocations: Readonly<Record<string, Provocation>> = {
  BAD_REQUEST: ({ port }) => sent(port, ['GARBAGE\r\n\r\n']),
  MALFORMED_JSON: ({ stage }) =>
    stage.manager.request('POST', 'properties', '{"name":', { 'content-type': 'application/json' }),
  AGENCY_REQUIRED: ({ stage }) => stage.roamer.get('properties'),
  CURSOR_INVALID: ({ stage }) => stage.manager.get('properties?cursor=made.up'),
  AUTH_REQUIRED: ({ stage }) => stage.anonymous.get('properties'),
  TOKEN_INVALID: ({ stage }) => stage.bearing('not.a.token').get('properties'),
  TOKEN_EXPIRED: async ({ stage }) => stage.bearing(await expiredToken()).get('properties'),
  LOGIN_FAILED: ({ stage }) =>
    stage.anonymous.post('auth/login', { email: players.staff.email, password: `${password}?` }),
  REFRESH_TOKEN_INVALID: ({ stage }) => stage.anonymous.post('auth/refresh', { refresh_token: 'x'.repeat(43) }),
  MEMBER_NOT_FOUND: ({ stage }) => stage.admin.get(`team/${players.outsider.user_id}`),
  INVITATION_NOT_FOUND: ({ stage }) => stage.anonymous.post('auth/invitations/lookup', { token: 'x'.repeat(43) }),
  LAST_ADMIN: ({ stage }) => stage.admin.patch(`team/${players.admin.user_id}`, { role: 'staff' }),
  FORBIDDEN: ({ stage }) => stage.staff.delete(`properties/${houses.lake.id}`),
  ROUTE_NOT_FOUND: ({ stage }) => stage.manager.get('castles'),
  PROPERTY_NOT_FOUND: ({ stage }) => stage.manager.get(`properties/${houses.beach.id}`),
  BOOKING_NOT_FOUND: ({ stage }) => stage.manager.get(`bookings/${houses.lake.id}`),
  GUEST_NOT_FOUND: ({ stage }) => stage.staff.get(`guests/${houses.lake.id}`),
  BLOCK_NOT_FOUND: ({ stage }) => stage.staff.get(`availability/blocks/${houses.lake.id}`),
  HOLD_NOT_FOUND: ({ stage }) => stage.staff.get(`holds/${houses.lake.id}`),
  HOLD_EXPIRED: async ({ stage }) => {
    const id = await made(stage.staff.post('holds', nights()))
    await stage.staff.delete(`holds/${id}`)
    return stage.staff.delete(`holds/${id}`)
  },
  HOLD_LIMIT_REACHED: async ({ stage }) => {
    for (let held = 0; held < 5; held += 1) await made(stage.manager.post('holds', nights()))
    return stage.manager.post('holds', nights())
  },
  FEATURE_DISABLED: ({ stage }) => stage.admin.get('/provoke/feature'),
  IDEMPOTENCY_KEY_INVALID: ({ stage }) => stage.staff.post('bookings', stay(), { 'idempotency-key': 'a b' }),
  IDEMPOTENCY_KEY_REUSED: async ({ stage }) => {
    await made(stage.staff.post('bookings', stay(), { 'idempotency-key': 'reused' }))
    return stage.staff.post('bookings', stay(), { 'idempotency-key': 'reused' })
  },
  INVALID_STATUS_TRANSITION: async ({ stage }) => {
    const id = await made(stage.staff.post('bookings', stay()))
    return stage.manager.patch(`bookings/${id}/status`, { status: 'pending' })
  },
  VERSION_MISMATCH: ({ stage }) =>
    stage.manager.patch(`properties/${houses.lake.id}`, { city: 'Graz' }, { 'if-match': '"99-aaaaaaaaaa"' }),
  METHOD_NOT_ALLOWED: ({ stage }) => stage.manager.request('PUT', 'properties', {}),
  REQUEST_TIMEOUT: async ({ stage, port }) => {
    const { headersTimeout } = stage.app.server
    stage.app.server.headersTimeout = 100
    const reply = await sent(port, [plain('/health/live').slice(0, 20)], 4000)
    stage.app.server.headersTimeout = headersTimeout
    return reply
  },
  PAYLOAD_TOO_LARGE: ({ stage }) => stage.manager.post('properties', { name: 'x'.repeat(2 ** 20) }),
  URI_TOO_LONG: ({ stage }) => stage.manager.get(`properties/${'x'.repeat(2000)}`),
  UNSUPPORTED_MEDIA_TYPE: ({ stage }) =>
    stage.manager.request('POST', 'properties', '<property/>', { 'content-type': 'text/xml' }),
  EXPECTATION_FAILED: ({ port }) => sent(port, [plain('/health/live', 'Expect: the-best\r\n')]),
  HEADERS_TOO_LARGE: ({ port }) => sent(port, [plain('/health/live', `A: ${'x'.repeat(17_000)}\r\n`)]),
  BOOKING_CONFLICT: async ({ stage }) => {
    const same = stay()
    await made(stage.staff.post('bookings', same))
    return stage.staff.post('bookings', same)
  },
  BOOKING_CANCELLED: async ({ stage }) => {
    const id = await made(stage.staff.post('bookings', stay()))
    await stage.store.owner.query(`update bookings set status = 'cancelled', cancelled_at = now() where id = '${id}'`)
    return stage.manager.patch(`bookings/${id}`, { check_out: '2031-01-01' })
  },
  PROPERTY_UNAVAILABLE: async (scene) => {
    const id = await newProperty(scene)
    await scene.stage.manager.patch(`properties/${id}`, { is_active: false })
    return scene.stage.staff.post('bookings', stay({ property_id: id, total_cents: 100 }))
  },
  PROPERTY_HAS_BOOKINGS: async (scene) => {
    const id = await newProperty(scene)
    await made(scene.stage.staff.post('bookings', stay({ property_id: id, total_cents: 100 })))
    return scene.stage.admin.delete(`properties/${id}`)
  },
  CONFLICT: async ({ stage }) => {
    await made(stage.staff.post('bookings', stay({ external_code: 'HM1' })))
    return stage.staff.post('bookings', stay({ external_code: 'HM1' }))
  },
  VALIDATION_ERROR: ({ stage }) => stage.manager.post('properties', { name: 5, colour: 'red' }),
  RATE_LIMITED: async ({ another }) => {
    const { manager } = await another({ env: { RATE_LIMIT: '1' } })
    await manager.get('properties')
    return manager.get('properties')
  },
  INTERNAL_ERROR: ({ stage }) => stage.admin.get('/provoke/bug'),
  DB_UNAVAILABLE: sqlstate('57P01'),
  POOL_EXHAUSTED: ({ stage }) => stage.anonymous.get('/provoke/crowd'),
  OVERLOADED: async ({ another }) => {
    const { app } = await another({ env: { MAX_LOOP_DELAY: '20' } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    return burn(60, () => firstRefusal(() => sent(port, [plain('/api/v1/properties')])))
  },
  QUERY_TIMEOUT: sqlstate('57014'),
  LOCK_TIMEOUT: sqlstate('55P03'),
  TX_CONTENTION: sqlstate('40P01'),
  SCHEMA_DRIFT: ({ stage }) => stage.admin.get('/provoke/drift'),
  IDENTITY_UNAVAILABLE: async ({ another }) => {
    const env = { JWT_JWKS_URL: 'http://127.0.0.1:1/keys', JWT_ISSUER: 'https://identity.example' }
    const { bearing } = await another({ env })
    return bearing(tokenOf('https://identity.example')).get('properties')
  },
  SHUTTING_DOWN: requestWhileClosing,
}

async function firstRefusal(ask: () => Promise<Provoked>): Promise<Provoked> {
  for (;;) {
    const reply = await ask()
    if (reply.status === 503) return reply
  }
}

async function requestWhileClosing({ another }: Scene): Promise<Provoked> {
  const stopping = Promise.withResolvers<void>()
  let read = () => 0
  const { app } = await another({
    extend: (api) => {
      api.addHook('preClose', async () => stopping.resolve())
      api.server.on('connection', (socket) => {
        read = () => socket.bytesRead
      })
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const request = plain('/api/v1/me')
  const { port } = app.server.address() as AddressInfo
  const reply = sent(port, [request.slice(0, 20), () => stopping.promise, request.slice(20)])
  await until(() => read() >= 20, 1000)
  await Promise.all([reply, app.close()])
  return reply
}

function expiredToken(): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({
    sub: players.manager.user_id,
    iss: 'roost',
    aud: 'authenticated',
    iat: now - 7200,
    exp: now - 60,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(Buffer.from(secret))
}

/** A token of an outside provider that looks right; whether its signature is, nobody can tell without the keys. */
function tokenOf(iss: string): string {
  const now = Math.floor(Date.now() / 1000)
  const parts = [
    { alg: 'ES256', kid: 'one', typ: 'JWT' },
    { sub: players.manager.user_id, iss, aud: 'authenticated', iat: now, exp: now + 600 },
  ]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'c2lnbmF0dXJl'].join('.')
}
