// For each documented error the ways to bring it about. Those that need a fault inside the process are in here.ts.
import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import { operatorOf } from '../../../features/agencies/agencies.ts'
import { faults } from './here.ts'
import { exchangeAt, type Script } from './raw-socket.ts'
import {
  anybody,
  asReader,
  besideOthers,
  type Caller,
  type Cast,
  onStage,
  type Provoked,
  type Scene,
  type Way,
} from './scene.ts'

/** A code of errors that nothing here can bring about, and where it is proven. */
export const unprovoked: Readonly<Record<string, string>> = {
  TENANCY_FINDINGS: 'needs a database that does not keep agencies apart; proven by src/core/tenancy/watch.test.ts',
  DATABASE_UNSUITABLE: 'needs a server with other settings; proven by src/core/health.test.ts',
}

/** An id nothing has. */
const absent = '00000000-0000-7000-8000-000000000000'
/** What no token of ours looks like. */
const made_up = 'x'.repeat(43)
const json = { 'content-type': 'application/json' }

async function sent({ origin }: Scene, parts: Script['parts']): Promise<Provoked> {
  const { replies } = await exchangeAt(origin, { parts })
  if (replies[0] === undefined) throw new Error('the connection was closed without a reply')
  return replies[0]
}

function plain({ origin }: Scene, path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${origin.hostname}\r\n${headers}\r\n`
}

let day = 0

/** The dates of a night nobody has taken yet, in two years: no rule about notice or windows is met. */
function night() {
  day += 2
  const dayOf = (n: number) => new Date(Date.UTC(new Date().getUTCFullYear() + 2, 0, n)).toISOString().slice(0, 10)
  return { check_in: dayOf(day), check_out: dayOf(day + 1) }
}

function stay({ home }: Pick<Cast, 'home'>, fields: object = {}) {
  return { property_id: home, ...night(), num_adults: 2, total_cents: 100, ...fields }
}

const hold = ({ home }: Cast) => ({ property_id: home, ...night() })

/** The id of what was made. */
async function made(reply: Promise<Provoked>): Promise<string> {
  const { status, text } = await reply
  if (status !== 201) throw new Error(`not made: ${status} ${text}`)
  return (JSON.parse(text) as { id: string }).id
}

function newProperty(manager: Caller): Promise<string> {
  return made(manager.post('properties', { name: 'New', property_type: 'house', max_guests: 4 }))
}

/** An account nobody has: its tries to sign in count for nobody else, nor for an earlier run. */
const stranger = () => ({ email: `${randomUUID()}@roost.invalid`, password: 'no password of anybody' })

/** As often as one account may be tried from one address in a quarter of an hour, and once more. */
async function triesToSignIn({ anonymous }: Scene): Promise<Provoked> {
  const account = stranger()
  let reply = await anonymous.post('auth/login', account)
  for (let tries = 1; tries <= 10 && reply.status === 401; tries += 1)
    reply = await anonymous.post('auth/login', account)
  return reply
}

const onRequest: Readonly<Record<string, readonly Way[]>> = {
  BAD_REQUEST: [anybody((scene) => sent(scene, ['GARBAGE\r\n\r\n']))],
  MALFORMED_JSON: [anybody(({ anonymous }) => anonymous.request('POST', 'auth/login', '{"email":', json))],
  ROUTE_NOT_FOUND: [anybody(({ anonymous }) => anonymous.get('castles'))],
  METHOD_NOT_ALLOWED: [anybody(({ anonymous }) => anonymous.request('PUT', 'properties', {}))],
  REQUEST_TIMEOUT: [
    ...(faults.REQUEST_TIMEOUT ?? []),
    anybody((scene) => sent(scene, [plain(scene, '/health/live').slice(0, 20)])),
  ],
  PAYLOAD_TOO_LARGE: [
    anybody(({ anonymous }) =>
      anonymous.post('auth/login', { email: 'a@roost.invalid', password: 'x'.repeat(2 ** 12) }),
    ),
  ],
  URI_TOO_LONG: [anybody(({ anonymous }) => anonymous.get(`properties/${'x'.repeat(2000)}`))],
  UNSUPPORTED_MEDIA_TYPE: [
    anybody(({ anonymous }) => anonymous.request('POST', 'auth/login', '<login/>', { 'content-type': 'text/xml' })),
  ],
  EXPECTATION_FAILED: [anybody((scene) => sent(scene, [plain(scene, '/health/live', 'Expect: the-best\r\n')]))],
  HEADERS_TOO_LARGE: [anybody((scene) => sent(scene, [plain(scene, '/health/live', `A: ${'x'.repeat(17_000)}\r\n`)]))],
  VALIDATION_ERROR: [anybody(({ anonymous }) => anonymous.post('auth/login', { email: 5, colour: 'red' }))],
  CURSOR_INVALID: [asReader((reader) => reader.get('properties?cursor=made.up'))],
  RATE_LIMITED: [...(faults.RATE_LIMITED ?? []), anybody(triesToSignIn)],
}

const onPeople: Readonly<Record<string, readonly Way[]>> = {
  AUTH_REQUIRED: [anybody(({ anonymous }) => anonymous.get('properties'))],
  TOKEN_INVALID: [anybody(({ bearing }) => bearing('not.a.token').get('properties'))],
  TOKEN_EXPIRED: [onStage(({ expired_token }, { bearing }) => bearing(expired_token).get('properties'))],
  LOGIN_FAILED: [
    onStage(({ staff_email }, { anonymous }) => anonymous.post('auth/login', { ...stranger(), email: staff_email })),
    anybody(({ anonymous }) => anonymous.post('auth/login', stranger())),
  ],
  REFRESH_TOKEN_INVALID: [anybody(({ anonymous }) => anonymous.post('auth/refresh', { refresh_token: made_up }))],
  INVITATION_NOT_FOUND: [anybody(({ anonymous }) => anonymous.post('auth/invitations/lookup', { token: made_up }))],
  AGENCY_REQUIRED: [onStage(({ bothAgencies }) => bothAgencies.get('properties'))],
  FORBIDDEN: [onStage(({ staff, home }) => staff.delete(`properties/${home}`))],
  MEMBER_NOT_FOUND: [onStage(({ admin, outsider_id }) => admin.get(`team/${outsider_id}`))],
  LAST_ADMIN: [onStage(({ admin, admin_id }) => admin.patch(`team/${admin_id}`, { role: 'staff' }))],
}

const onRecords: Readonly<Record<string, readonly Way[]>> = {
  PROPERTY_NOT_FOUND: [
    onStage(({ manager, foreign_home }) => manager.get(`properties/${foreign_home}`)),
    asReader((reader) => reader.get(`properties/${absent}`)),
  ],
  BOOKING_NOT_FOUND: [asReader((reader) => reader.get(`bookings/${absent}`))],
  GUEST_NOT_FOUND: [asReader((reader) => reader.get(`guests/${absent}`))],
  BLOCK_NOT_FOUND: [asReader((reader) => reader.get(`availability/blocks/${absent}`))],
  HOLD_NOT_FOUND: [asReader((reader) => reader.get(`holds/${absent}`))],
  VERSION_MISMATCH: [
    onStage(({ manager, home }) =>
      manager.patch(`properties/${home}`, { city: 'Graz' }, { 'if-match': '"99-aaaaaaaaaa"' }),
    ),
  ],
  PROPERTY_UNAVAILABLE: [
    onStage(async ({ manager, staff }) => {
      const home = await newProperty(manager)
      await manager.patch(`properties/${home}`, { is_active: false })
      return staff.post('bookings', stay({ home }))
    }),
  ],
  PROPERTY_HAS_BOOKINGS: [
    onStage(async ({ admin, manager, staff }) => {
      const home = await newProperty(manager)
      await made(staff.post('bookings', stay({ home })))
      return admin.delete(`properties/${home}`)
    }),
  ],
}

const onStays: Readonly<Record<string, readonly Way[]>> = {
  BOOKING_CONFLICT: [
    onStage(async (cast) => {
      const same = stay(cast)
      await made(cast.staff.post('bookings', same))
      return cast.staff.post('bookings', same)
    }),
  ],
  BOOKING_CANCELLED: [
    onStage(async (cast) => {
      const id = await made(cast.staff.post('bookings', stay(cast)))
      await cast.manager.patch(`bookings/${id}/status`, { status: 'cancelled' })
      return cast.manager.patch(`bookings/${id}`, { check_out: '2099-01-01' })
    }),
  ],
  INVALID_STATUS_TRANSITION: [
    onStage(async (cast) => {
      const id = await made(cast.staff.post('bookings', stay(cast)))
      return cast.manager.patch(`bookings/${id}/status`, { status: 'pending' })
    }),
  ],
  CONFLICT: [
    onStage(async (cast) => {
      await made(cast.staff.post('bookings', stay(cast, { external_code: 'HM1' })))
      return cast.staff.post('bookings', stay(cast, { external_code: 'HM1' }))
    }),
  ],
  HOLD_EXPIRED: [
    onStage(async (cast) => {
      const id = await made(cast.staff.post('holds', hold(cast)))
      await cast.staff.delete(`holds/${id}`)
      return cast.staff.delete(`holds/${id}`)
    }),
  ],
  HOLD_LIMIT_REACHED: [
    onStage(async (cast) => {
      for (let held = 0; held < 5; held += 1) await made(cast.manager.post('holds', hold(cast)))
      return cast.manager.post('holds', hold(cast))
    }),
  ],
}

const onRepetition: Readonly<Record<string, readonly Way[]>> = {
  IDEMPOTENCY_KEY_INVALID: [onStage((cast) => cast.staff.post('bookings', stay(cast), { 'idempotency-key': 'a b' }))],
  IDEMPOTENCY_KEY_REUSED: [
    onStage(async (cast) => {
      await made(cast.staff.post('bookings', stay(cast), { 'idempotency-key': 'reused' }))
      return cast.staff.post('bookings', stay(cast), { 'idempotency-key': 'reused' })
    }),
  ],
  IDEMPOTENCY_ANSWER_WITHHELD: [
    onStage(async (cast) => {
      const guest = { first_name: 'Ada', last_name: 'Withheld' }
      const key = { 'idempotency-key': randomUUID() }
      const id = await made(cast.staff.post('guests', guest, key))
      await cast.admin.post(`guests/${id}/anonymisation`)
      return cast.staff.post('guests', guest, key)
    }),
  ],
  IDEMPOTENCY_IN_PROGRESS: [
    besideOthers((db, { agency_id, manager_id, manager }) =>
      db.tenantTx(operatorOf(agency_id), async (tx) => {
        const name = `key/${agency_id}/${manager_id}/busy`
        await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
        const property = { name: 'Busy', property_type: 'house', max_guests: 2 }
        return manager.post('properties', property, { 'idempotency-key': 'busy' })
      }),
    ),
  ],
  LOCK_TIMEOUT: [
    besideOthers((db, { agency_id, manager, home }) =>
      db.tenantTx(operatorOf(agency_id), async (tx) => {
        await tx.query(sql`select 1 from properties p where p.agency_id = ${agency_id} and p.id = ${home} for update`)
        return manager.patch(`properties/${home}`, { city: 'Zell' })
      }),
    ),
    ...(faults.LOCK_TIMEOUT ?? []),
  ],
}

/** Code -> the ways to get it, the best first. */
export const provocations: Readonly<Record<string, readonly Way[]>> = {
  ...faults,
  ...onRequest,
  ...onPeople,
  ...onRecords,
  ...onStays,
  ...onRepetition,
}
