// Sends hostile values in every field, parameter and id: refused by pointer or stored unchanged.
// The operations come from the OpenAPI document, so new ones are included.
// One engine is enough: both are PostgreSQL, and this tests the API.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { hash } from '@node-rs/argon2'
import type { InjectOptions } from 'fastify'
import { cleanLine } from '../../src/core/text.ts'
import { castProperties, password, players } from '../cast.ts'
import { cast, type Reply } from '../harness.ts'
import { hostileEscapes, hostileJson, hostileStrings, wrongTypeSamples } from '../hostile-values.ts'
import { internalDetails } from '../internal-details.ts'
import { dereference } from '../openapi-document.ts'
import { insertConflict, photoInsert } from '../steps.ts'

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly 'x-stored-form'?: string
}
interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body: Schema | undefined
  readonly max_body_bytes: number
  readonly query: readonly string[]
}
interface Described {
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
  readonly parameters?: readonly { in: string; name: string }[]
  readonly 'x-max-body-bytes'?: number
}

// Nobody's membership changes here, and a lookup for each of 20,000 requests takes a fifth of the time.
const fixture = await cast({ membership_ttl_ms: 60_000 })
const { manager, admin } = fixture
// Hundreds of requests verify the password: a hash that is cheap to verify.
const cheap = await hash(password, { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 })
await fixture.store.owner.query('update users set password_hash = $1', [cheap])

/** Every error response of this file, without its request id. */
const responses = new Set<string>()
const inject = fixture.app.inject.bind(fixture.app)
Object.assign(fixture.app, {
  async inject(options: InjectOptions) {
    const reply = await inject(options)
    if (reply.statusCode >= 400) responses.add(reply.payload.replace(/"request_id":"[^"]*"/, ''))
    return reply
  },
})

const document = dereference<{ paths: Record<string, Record<string, Described>> }>(fixture.app.swagger())
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, { requestBody, parameters = [], 'x-max-body-bytes': bytes = 0 }]): Operation => {
      const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
      const body = requestBody?.content['application/json']?.schema
      return { method: method.toUpperCase() as Operation['method'], path, body, max_body_bytes: bytes, query }
    },
  ),
)

const property = {
  name: 'Plain',
  property_type: 'house',
  max_guests: 4,
  owner_id: players.owner.user_id,
  description: 'd',
  bedrooms: 2,
  beds: 3,
  bathrooms: 1.5,
  size_sqm: 60,
  address_line1: 'a',
  address_line2: 'b',
  city: 'Graz',
  postal_code: '8010',
  country: 'AT',
  latitude: 47.07,
  longitude: 15.44,
  check_in_time: '15:00',
  check_out_time: '10:00',
  base_price_cents: 10_000,
  cleaning_fee_cents: 5000,
  currency: 'EUR',
  is_active: true,
  amenities: ['wifi'],
  min_nights: 1,
  max_nights: 365,
  time_zone: 'Europe/Vienna',
  buffer_days_before: 0,
  buffer_days_after: 0,
  arrival_weekdays: null,
  departure_weekdays: null,
  notice_days: 0,
  booking_window_days: null,
}
const block = { start_date: '2029-06-01', end_date: '2029-06-08', reason: 'maintenance', notes: 'paint' }
const changes = {
  check_in: '2029-05-01',
  check_out: '2029-05-03',
  num_adults: 2,
  num_children: 0,
  num_infants: 0,
  num_pets: 0,
  nightly_rate_cents: 10_000,
  cleaning_fee_cents: 5000,
  tax_cents: 0,
  total_cents: 25_000,
  paid_cents: 0,
  payment_status: 'pending',
  guest_message: 'hello',
  internal_notes: 'quiet',
}
/** An inquiry takes no nights, so the same one can be created repeatedly. */
const booking = {
  ...changes,
  property_id: castProperties.town.id,
  status: 'inquiry',
  source: 'direct',
  currency: 'EUR',
  guest: {
    first_name: 'Ada',
    last_name: 'Lovelace',
    email: 'ada@example.com',
    phone: '+43 664 1234567',
    country: 'AT',
  },
}

const made = await manager.post('bookings', booking)
assert.equal(made.status, 201, made.text)
/** Already cancelled: valid requests get 409, invalid ones 422. */
const over = await manager.post('bookings', booking)
assert.equal((await manager.post(`bookings/${over.body.id}/cancellation`, { cancelled_by: 'guest' })).status, 200)

const blocked = await manager.post('availability/blocks', { ...block, property_id: castProperties.lake.id })
assert.equal(blocked.status, 201, blocked.text)

const guestOf = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  email: 'ada@example.com',
  phone: '+43 664 1234567',
  country: 'AT',
}
const { property_id: _town, check_in: _in, check_out: _out, ...stayOfHold } = { ...booking, status: 'pending' }
const nights = { property_id: castProperties.forest.id, check_in: '2029-07-01', check_out: '2029-07-03' }
const held = await manager.post('holds', nights)
/** Already over: valid requests get 409. */
assert.equal((await manager.delete(`holds/${held.body.id}`)).status, 204)
const invited = await admin.post('team', { email: 'invited@example.com', role: 'staff', full_name: 'Ivy' })
assert.equal(invited.status, 201, invited.text)
/** Already ended: a valid request gets 404. */
const session_id = await (async () => {
  const { body } = await fixture.anonymous.post('auth/login', { email: players.manager.email, password })
  const { items } = (await manager.get('me/sessions')).body
  await fixture.anonymous.post('auth/logout', { refresh_token: body.refresh_token })
  return items[0].id
})()
const saved = await manager.post('me/views', { list: 'properties', name: 'Saved', filters: { q: 'Graz' } })
assert.equal(saved.status, 201, saved.text)
const { rows: photoRows } = await fixture.store.owner.query(photoInsert(castProperties.lake))
const photo_id = String(photoRows[0]?.id)
const audit = {
  entity_type: 'booking',
  entity_id: made.body.id,
  actor_id: players.manager.user_id,
  action: 'booking.created',
  request_id: 'one',
  created_from: '2020-01-01T00:00:00Z',
  created_to: '2040-01-01T00:00:00Z',
}

/** Replaced in each request: invitations of one address are limited. */
const invitee = 'invitee@example.com'

/** A valid request for each operation, always with all fields, so that the statements stay the same. */
const bodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /api/v1/auth/login': { email: players.manager.email, password },
  'POST /api/v1/bookings': booking,
  'PATCH /api/v1/bookings/{id}': { ...changes, property_id: castProperties.town.id, guest: booking.guest },
  'PATCH /api/v1/bookings/{id}/status': { status: 'inquiry' },
  'POST /api/v1/bookings/{id}/cancellation': { cancelled_by: 'guest', reason: 'ill', refund_cents: 0 },
  'PATCH /api/v1/bookings/{id}/refund': { refund_cents: 0, refund_reason: 'no hot water' },
  'POST /api/v1/bookings/{id}/split': { property_id: castProperties.lake.id, check_in: '2029-05-02' },
  'POST /api/v1/availability/blocks': { ...block, property_id: castProperties.lake.id },
  'POST /api/v1/availability/blocks/batch': { ...block, property_ids: [castProperties.lake.id] },
  'PATCH /api/v1/availability/blocks/{id}': block,
  'PATCH /api/v1/agency': {
    name: 'North',
    time_zone: 'Europe/Berlin',
    currency: 'EUR',
    hold_minutes: 15,
    holds_per_user: 5,
  },
  'POST /api/v1/auth/refresh': { refresh_token: 'x'.repeat(43) },
  'POST /api/v1/auth/logout': { refresh_token: 'x'.repeat(43) },
  // A wrong token, since a valid one would be spent by the first request.
  'POST /api/v1/auth/password': { current_password: 'not the password', new_password: 'a long new password' },
  'POST /api/v1/auth/invitations/lookup': { token: 'x'.repeat(43) },
  'POST /api/v1/auth/invitations/accept': { token: 'x'.repeat(43), password: 'a long password', full_name: 'Ivy' },
  'POST /api/v1/auth/password-resets': { email: 'nobody@example.com' },
  'POST /api/v1/auth/password-resets/lookup': { token: 'x'.repeat(43) },
  'POST /api/v1/auth/password-resets/accept': { token: 'x'.repeat(43), password: 'a long password' },
  'POST /api/v1/auth/email-confirmations': { token: 'x'.repeat(43) },
  'PATCH /api/v1/me': { full_name: 'Mia', language: 'de', email: 'mia@example.com', current_password: 'wrong' },
  'POST /api/v1/team/password-resets': { user_id: players.accountant.user_id },
  'POST /api/v1/team': { email: invitee, role: 'staff', full_name: 'Nia' },
  'PATCH /api/v1/team/{id}': { role: 'accountant', is_active: true },
  'POST /api/v1/me/views': { list: 'properties', name: 'One', filters: { q: 'Graz' } },
  'PATCH /api/v1/me/views/{id}': { name: 'Two', filters: { q: 'Graz' } },
  'POST /api/v1/guests': guestOf,
  'PATCH /api/v1/guests/{id}': guestOf,
  'POST /api/v1/guests/{id}/merge': { guest_id: made.body.id },
  'POST /api/v1/holds': { ...nights, notes: 'rang twice' },
  'POST /api/v1/holds/{id}/booking': stayOfHold,
  'POST /api/v1/properties': property,
  'PATCH /api/v1/properties/{id}': property,
  'PATCH /api/v1/photos/{id}': { alt_text: 'The lake', position: 1 },
}
const bookingFilters = {
  status: 'inquiry',
  property_id: castProperties.town.id,
  check_in_from: '2029-01-01',
  check_in_to: '2029-12-31',
  check_out_from: '2029-01-01',
  check_out_to: '2029-12-31',
  overlaps: '2029-01-01/2029-12-31',
  guest_id: made.body.guest.id,
  source: 'direct',
  payment_status: 'pending',
  q: 'Ada',
}
const queries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'GET /api/v1/bookings': {
    limit: '10',
    ...bookingFilters,
    updated_since: '2020-01-01T00:00:00Z',
    include_deleted: 'true',
    sort: 'updated_at',
  },
  'GET /api/v1/bookings/export': bookingFilters,
  'POST /api/v1/imports': { kind: 'bookings' },
  'GET /api/v1/bookings/{id}/history': { limit: '10' },
  'GET /api/v1/availability': { property_id: castProperties.lake.id, from: '2029-01-01', to: '2029-12-31' },
  'GET /api/v1/availability/overview': { from: '2029-01-01', to: '2029-02-01', limit: '10' },
  'GET /api/v1/calendar': {
    from: '2029-01-01',
    to: '2029-02-01',
    q: 'Plain',
    city: 'Graz',
    guests: '2',
    owner_id: players.owner.user_id,
    is_active: 'true',
    free_from: '2029-01-01',
    free_to: '2029-01-05',
    since: '0',
  },
  'GET /api/v1/availability/explain': {
    property_id: castProperties.lake.id,
    check_in: '2029-01-01',
    check_out: '2029-01-05',
  },
  'GET /api/v1/availability/blocks': {
    limit: '10',
    property_id: castProperties.lake.id,
    overlaps: '2029-01-01/2029-12-31',
    reason: 'maintenance',
  },
  'GET /api/v1/search': {
    limit: '10',
    check_in: '2029-01-01',
    check_out: '2029-01-05',
    guests: '2',
    q: 'Plain',
    city: 'Graz',
    max_base_price_cents: '20000',
    currency: 'EUR',
    nearby: 'true',
    amenities: 'wifi',
  },
  'GET /api/v1/photos': { limit: '10', property_id: castProperties.lake.id, is_cover: 'true' },
  'POST /api/v1/properties/{id}/photos': { alt_text: 'The lake' },
  'GET /api/v1/find': { limit: '10', q: 'Ada' },
  'GET /api/v1/team': { limit: '10', role: 'staff', is_active: 'true', q: 'staff' },
  'GET /api/v1/team/invitations': { limit: '10' },
  'GET /api/v1/guests': { limit: '10', q: 'Ada', email: 'ada@example.com', updated_since: '2020-01-01T00:00:00Z' },
  'GET /api/v1/guests/{id}/bookings': { limit: '10' },
  'GET /api/v1/me/views': { limit: '10', list: 'properties' },
  'GET /api/v1/changes': { limit: '10', after: '0' },
  'GET /api/v1/holds': { limit: '10', property_id: castProperties.forest.id, status: 'released' },
  'GET /api/v1/conflicts': { limit: '10', property_id: castProperties.forest.id, state: 'open' },
  'GET /api/v1/today': { day: '2029-01-01' },
  'GET /api/v1/reports/pace': { from: '2029-01-01', to: '2029-12-31', day: '2028-12-01' },
  'GET /api/v1/reports': { from: '2029-01-01', to: '2029-12-31', group_by: 'property' },
  'GET /api/v1/audit-log': { limit: '10', ...audit },
  'GET /api/v1/audit-log/export': audit,
  'GET /api/v1/properties': {
    limit: '10',
    q: 'Plain',
    is_active: 'true',
    owner_id: players.owner.user_id,
    updated_since: '2020-01-01T00:00:00Z',
  },
}
const ids: Readonly<Record<string, string>> = {
  '/api/v1/me/sessions/{id}': session_id,
  '/api/v1/me/views/{id}': saved.body.id,
  '/api/v1/team/{id}': players.accountant.user_id,
  '/api/v1/team/invitations/{id}': invited.body.id,
  '/api/v1/guests/{id}': made.body.guest.id,
  '/api/v1/guests/{id}/bookings': made.body.guest.id,
  '/api/v1/guests/{id}/merge': made.body.guest.id,
  '/api/v1/guests/{id}/duplicates': made.body.guest.id,
  '/api/v1/guests/{id}/unmerge': made.body.guest.id,
  '/api/v1/guests/{id}/anonymisation': made.body.guest.id,
  '/api/v1/guests/{id}/export': made.body.guest.id,
  '/api/v1/conflicts/{id}': await insertConflict(fixture.store, castProperties.lake),
  '/api/v1/holds/{id}': held.body.id,
  '/api/v1/holds/{id}/booking': held.body.id,
  '/api/v1/holds/{id}/notes': held.body.id,
  '/api/v1/bookings/{id}': made.body.id,
  '/api/v1/bookings/{id}/status': made.body.id,
  '/api/v1/bookings/{id}/cancellation': over.body.id,
  '/api/v1/bookings/{id}/refund': made.body.id,
  '/api/v1/bookings/{id}/split': made.body.id,
  '/api/v1/bookings/{id}/history': made.body.id,
  '/api/v1/availability/blocks/{id}': blocked.body.id,
  '/api/v1/properties/{id}': castProperties.lake.id,
  '/api/v1/photos/{id}': photo_id,
  // Not an existing one, whose number of pictures is limited.
  '/api/v1/properties/{id}/photos': randomUUID(),
}

const nameOf = ({ method, path }: Operation) => `${method} ${path}`
/** The manager, or the admin where only admins have the permission. */
const callerOf = ({ path }: Operation) => (/\/(agency|team|audit-log|imports)/.test(path) ? admin : manager)
const urlOf = ({ path }: Operation) => path.replace('{id}', ids[path] ?? '')

test('every operation with input has a valid request here', () => {
  const named = (wanted: (operation: Operation) => boolean) => operations.filter(wanted).map(nameOf).sort()
  assert.deepEqual(
    named(({ body }) => body !== undefined),
    Object.keys(bodies).sort(),
  )
  assert.deepEqual(
    named(({ query }) => query.length > 0),
    Object.keys(queries).sort(),
  )
  for (const { path } of operations) assert.equal(path.includes('{'), ids[path] !== undefined, path)
})

function typesOf({ type, enum: values = [], anyOf = [] }: Schema): string[] {
  return [...(type === undefined ? [] : [type]), ...values.map((value) => typeof value), ...anyOf.flatMap(typesOf)]
}

function isOfType(schema: Schema, value: unknown): boolean {
  const types = typesOf(schema)
  if (value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array')
  if (typeof value !== 'number') return types.includes(typeof value)
  return Number.isFinite(value) && (types.includes('number') || (types.includes('integer') && Number.isInteger(value)))
}

interface Field {
  readonly pointer: string
  readonly schema: Schema
  /** The body with the field replaced by this JSON text. */
  write(json: string): string
}

function fieldsOf(schema: Schema, base: Readonly<Record<string, unknown>>, wrap = (json: string) => json): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const write = (json: string) => wrap(JSON.stringify({ ...base, [name]: '(here)' }).replace('"(here)"', () => json))
    const inside = fieldsOf(field, (base[name] ?? {}) as Record<string, unknown>, write)
    const nested = inside.map((one) => ({ ...one, pointer: `/${name}${one.pointer}` }))
    return [{ pointer: `/${name}`, schema: field, write }, ...nested]
  })
}

const pointersOf = (reply: Reply): string[] =>
  reply.body.error.details.map((detail: { pointer: string }) => detail.pointer)

function checkRefusal(reply: Reply, what: string, is_too_large: boolean): void {
  if (is_too_large) {
    assert.deepEqual([reply.status, reply.body.error.code], [413, 'PAYLOAD_TOO_LARGE'], what)
    return
  }
  assert.ok([401, 404, 409, 422].includes(reply.status), `${what}: ${reply.status} ${reply.text}`)
  assert.match(
    reply.body.error.code,
    /^(BOOKING_CONFLICT|LOGIN_FAILED|PROPERTY_NOT_FOUND|CONFLICT|INVALID_STATUS_TRANSITION|VALIDATION_ERROR|HOLD_EXPIRED|REFRESH_TOKEN_INVALID|INVITATION_NOT_FOUND|LINK_NOT_FOUND|PROPERTY_UNAVAILABLE)$/,
    what,
  )
  if (reply.status === 422)
    assert.ok(
      pointersOf(reply).every((pointer) => pointer.startsWith('/')),
      what,
    )
}

/** The database does not store a negative zero. */
function parsed(json: string): unknown {
  const value: unknown = JSON.parse(json)
  return value === 0 ? 0 : value
}

const toMetre = (degrees: number) => Number(degrees.toFixed(5))
const kept: Readonly<Record<string, (value: number) => number>> = { '/latitude': toMetre, '/longitude': toMetre }

const isLine = (schema: Schema): boolean => schema['x-stored-form'] === 'line' || (schema.anyOf ?? []).some(isLine)

/** The value as it is returned: numbers as precise as they are stored, texts of one line in their stored form. */
function asStored(pointer: string, schema: Schema, value: unknown): unknown {
  if (value === null) return null
  if (typeof value === 'string' && isLine(schema)) return Object.values(cleanLine(value))[0]
  return kept[pointer]?.(Number(value)) ?? value
}

/**
 * Fields that are stored in another form by design: e-mail in lower case, digits only, not stored, at most the last position; and
 * those inside of another.
 */
const notEchoed = /^\/(guest|filters|position|email|phone|password|refresh_token|token|current_password|new_password)/

for (const operation of operations.filter(({ body }) => body !== undefined)) {
  const base = bodies[nameOf(operation)] ?? {}
  for (const { pointer, schema, write } of fieldsOf(operation.body ?? {}, base)) {
    test(`${nameOf(operation)}: ${pointer} is stored unchanged or refused by pointer`, async () => {
      for (const json of hostileJson) {
        const value = parsed(json)
        const is_of_type = isOfType(schema, value)
        if (!is_of_type && !wrongTypeSamples.includes(json)) continue
        const what = `${pointer} = ${json.slice(0, 60)}`
        const headers = { 'content-type': 'application/json' }
        const text = write(json).replace(invitee, () => `${randomUUID()}@example.com`)
        const reply = await callerOf(operation).request(operation.method, urlOf(operation), text, headers)
        const is_too_large = Buffer.byteLength(text) > operation.max_body_bytes
        if (!is_of_type) {
          assert.equal(reply.status, 422, `${what}: ${reply.status} ${reply.text}`)
          assert.deepEqual(pointersOf(reply), [pointer], what)
        } else if (reply.status >= 300) {
          checkRefusal(reply, what, is_too_large)
        } else if (!notEchoed.test(pointer)) {
          assert.deepEqual(reply.body[pointer.slice(1)], asStored(pointer, schema, value), what)
        }
      }
    })
  }
}

/** Bodies that are files. */
const files: Readonly<Record<string, string | Buffer>> = {
  'POST /api/v1/properties/{id}/photos': Buffer.from('89504e470d0a1a0a', 'hex'),
  'POST /api/v1/imports':
    'Confirmation code,Status,Guest name,Contact,# of adults,# of children,# of infants,Start date,End date,# of nights,Booked,Listing,Earnings\n',
}

/** The one hostile text that is a valid value of the parameter. */
const right: Readonly<Record<string, string>> = {
  limit: '5',
  guests: '5',
  email: '🙂@example.com',
  max_base_price_cents: '5',
  nearby: 'true',
  dry_run: 'true',
  is_active: 'true',
  is_cover: 'true',
  include_deleted: 'true',
  updated_since: '2027-07-01T00:00:00Z',
  created_from: '2027-07-01T00:00:00Z',
  created_to: '2027-07-01T00:00:00Z',
}

/** Parameters that take any text. */
const free = ['q', 'city', 'entity_type', 'action', 'request_id']

function mayAnswer(name: string, text: string): string[] {
  if (text.length > 8000) return ['URI_TOO_LONG']
  if (free.includes(name)) return ['OK', 'VALIDATION_ERROR']
  if (name === 'alt_text') return ['PROPERTY_NOT_FOUND', 'VALIDATION_ERROR']
  // What a file needs is known when it is read.
  if (name === 'aliases' && text.trim() === '') return ['OK']
  if (['map', 'aliases'].includes(name)) return ['VALIDATION_ERROR', 'IMPORT_REFUSED']
  if (name === 'assign') return [text === 'true' ? 'IMPORT_REFUSED' : 'VALIDATION_ERROR']
  if (name === 'cursor') return ['CURSOR_INVALID', 'VALIDATION_ERROR']
  // The number of any change.
  if (name === 'after' || name === 'since') return [/^\d{1,15}$/.test(text) ? 'OK' : 'VALIDATION_ERROR']
  return [right[name] === text ? 'OK' : 'VALIDATION_ERROR']
}

for (const operation of operations.filter(({ query }) => query.length > 0)) {
  const base = queries[nameOf(operation)] ?? {}
  const file = files[nameOf(operation)]
  const headers = file === undefined ? {} : { 'content-type': 'application/octet-stream' }
  const send = (query: string) =>
    callerOf(operation).request(operation.method, `${urlOf(operation)}?${query}`, file, headers)

  for (const name of operation.query) {
    const { [name]: _, ...others } =
      name === 'cursor' && base.from === undefined && base.check_in === undefined ? {} : base
    const rest = new URLSearchParams(others as Record<string, string>)

    test(`${nameOf(operation)}: ?${name}= is applied exactly or refused by pointer`, async () => {
      for (const text of hostileStrings) {
        const reply = await send(`${rest}&${name}=${encodeURIComponent(text)}`)
        const what = `${text.slice(0, 60)}: ${reply.status} ${reply.text.slice(0, 300)}`
        assert.ok(mayAnswer(name, text).includes(reply.body.error?.code ?? 'OK'), what)
        if (reply.body.error?.code === 'VALIDATION_ERROR') assert.deepEqual(pointersOf(reply), [`/query/${name}`], what)
      }
      const twice = await send(`${rest}&${name}=1&${name}=2`)
      assert.deepEqual([twice.status, pointersOf(twice)], [422, [`/query/${name}`]])
    })

    test(`${nameOf(operation)}: ?${name}= with invalid UTF-8 is refused`, async () => {
      for (const escaped of hostileEscapes) {
        const reply = await send(`${rest}&${name}=${escaped}`)
        assert.ok([400, 422].includes(reply.status), `${escaped}: ${reply.status} ${reply.text}`)
      }
    })
  }
}

/** Probes accept any query. */
for (const operation of operations.filter(({ path }) => !path.startsWith('/health'))) {
  const { method, path } = operation
  const base = new URLSearchParams(queries[nameOf(operation)] ?? {})

  test(`${nameOf(operation)}: unknown parameters are refused by pointer`, async () => {
    for (const name of ['order', 'limit[]', 'limit[$gt]', '__proto__', 'constructor', 'access_token', 'a/b~c']) {
      const url = `${path.replace('{id}', ids[path] ?? '')}?${base}&${encodeURIComponent(name)}=1`
      const reply = await admin.request(method, url, bodies[nameOf(operation)])
      const pointer = `/query/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      assert.deepEqual([reply.status, pointersOf(reply)], [422, [pointer]], reply.text)
    }
  })
}

for (const operation of operations.filter(({ path }) => path.includes('{id}'))) {
  test(`${nameOf(operation)}: a malformed id answers 422 or 404`, async () => {
    const encoded = [...hostileStrings.map(encodeURIComponent), ...hostileEscapes, '..%2f..']
    for (const id of encoded.filter(Boolean)) {
      const body = bodies[nameOf(operation)]
      const reply = await admin.request(operation.method, operation.path.replace('{id}', id), body)
      const what = `${id.slice(0, 60)}: ${reply.status} ${reply.text.slice(0, 300)}`
      assert.ok([400, 404, 405, 414, 422].includes(reply.status), what)
      if (reply.status === 422) assert.deepEqual(pointersOf(reply), ['/path/id'], what)
    }
  })
}

test('a hostile X-Agency-Id answers 403, a hostile X-Request-Id is replaced', async () => {
  for (const text of hostileStrings) {
    const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
    const reply = await manager.get('properties', { 'x-agency-id': printable, 'x-request-id': printable })
    assert.equal(reply.status, 403, `${printable}: ${reply.text}`)
    assert.match(String(reply.headers['x-request-id']), /^[\w.-]{1,64}$/)
  }
})

test('every pattern and format terminates on 50,000 adversarial characters', () => {
  const text = JSON.stringify(document)
  const found = (keyword: string) => [...text.matchAll(new RegExp(`"${keyword}":("(?:[^"\\\\]|\\\\.)*")`, 'g'))]
  const patterns = [...new Set(found('pattern').map(([, json = '']) => JSON.parse(json) as string))]
  const formats = [...new Set(found('format').map(([, json = '']) => JSON.parse(json) as string))]
  assert.ok(patterns.length >= 5 && formats.length >= 3)
  const checks = [
    ...patterns.map((pattern) => [pattern, (value: string) => new RegExp(pattern, 'u').test(value)] as const),
    ...formats.map((format) => [format, fixture.app.validatorCompiler?.(formatOnly(format)) as Check] as const),
  ]
  // The scorecard measures the times (S22).
  for (const [, check] of checks) {
    for (const piece of ['x', '0', 'a-', 'a.', 'a@', ' ', '(', '2027-', '+4', '12:', '😀']) {
      check(`${piece.repeat(50_000 / piece.length)}!`)
    }
  }
})

type Check = (value: string) => unknown

function formatOnly(format: string) {
  return { schema: { type: 'string', format }, method: 'GET', url: '/', httpPart: 'body' }
}

test('deeply nested lists are refused for their depth without being validated', async () => {
  for (const [depth, pointer] of [
    [14, '/name'],
    [30_000, ''],
  ] as const) {
    const headers = { 'content-type': 'application/json' }
    const deep = `{"name":${'['.repeat(depth)}${']'.repeat(depth)},"property_type":"house","max_guests":2}`
    const reply = await manager.request('POST', 'properties', deep, headers)
    assert.deepEqual([reply.status, pointersOf(reply)], [422, [pointer]])
  }
})

test('none of the error responses above contains internal details', () => {
  assert.ok(responses.size > 200, `${responses.size} different responses`)
  for (const text of responses) for (const pattern of internalDetails) assert.doesNotMatch(text, pattern)
})
