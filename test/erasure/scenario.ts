// Plants values through every operation that changes data of an agency, then anonymises every guest.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { castProperties, players } from '../cast.ts'
import { dayAfter } from '../steps.ts'
import { type Operation, operationsIn } from './document.ts'
import { createPlantedValues, type PlantedValue, type PlantedValues } from './planted-values.ts'

export interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: the scenario reads responses of every shape
  readonly body: any
}

export type Caller = 'admin' | 'manager' | 'staff' | 'owner' | 'accountant'

/** A running API and its database: those of a test file or of the scorecard. */
export interface RunningService {
  ask(
    who: Caller | undefined,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answered>
  /** As a superuser, past row-level security. */
  rows(text: string): Promise<Record<string, unknown>[]>
}

/** A request with an Idempotency-Key, to be replayed later. */
interface Sent {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly body: object | undefined
  readonly key: string
  readonly status: number
}

export interface ErasureScenario {
  readonly service: RunningService
  readonly operations: readonly Operation[]
  readonly planted: PlantedValues
  readonly sent: readonly Sent[]
  /** The values in fields about a guest. All other texts are the agency's own. */
  guestValues(): PlantedValue[]
  /** Sends a write as an admin with a new key and adds it to `sent`. Fails unless the status is `wanted`. */
  send(operation: string, path: string, body?: object, wanted?: number): Promise<Answered>
}

/** Free text that is not about a guest, and why it stays when a guest is anonymised. Every other field is erased. */
export const agencyTexts: Readonly<Record<string, string>> = {
  'PATCH /agency /name': "the agency's own name",
  'POST /team /email': 'a member of the team, not a guest',
  'POST /team /full_name': 'a member of the team, not a guest',
  'POST /bookings /external_code': "the channel's number of the booking, needed to match payouts and repeated imports",
  'POST /holds/:id/booking /external_code': "the channel's number of the booking",
  ...Object.fromEntries(
    ['POST /properties', 'PATCH /properties/:id'].flatMap((operation) =>
      ['name', 'description', 'address_line1', 'address_line2', 'city', 'postal_code'].map((name) => [
        `${operation} /${name}`,
        'describes the property',
      ]),
    ),
  ),
}

/** The schema takes any text but only known values are accepted, so nothing can be planted. */
const keptFields: readonly string[] = ['PATCH /agency /time_zone']

export async function openErasureScenario(service: RunningService): Promise<ErasureScenario> {
  const operations = operationsIn((await service.ask(undefined, 'GET', '/openapi.json')).body)
  const planted = createPlantedValues((field) => keptFields.includes(field))
  const sent: Sent[] = []
  return {
    service,
    operations,
    planted,
    sent,
    guestValues: () => planted.all.filter(({ field }) => !Object.hasOwn(agencyTexts, field)),
    async send(operation, path, body, wanted) {
      const key = randomUUID()
      const method = operation.split(' ')[0] ?? ''
      const answer = await service.ask('admin', method, path, body, { 'idempotency-key': key })
      if (wanted !== undefined) assert.equal(answer.status, wanted, `${operation}: ${answer.text}`)
      sent.push({ operation, method, path, body, key, status: answer.status })
      return answer
    },
  }
}

let month = 0
/** Free nights in the past: guests with future stays cannot be anonymised. */
function nights() {
  month += 1
  const check_in = new Date(Date.UTC(2002, month, 1)).toISOString().slice(0, 10)
  return { check_in, check_out: dayAfter(check_in, 4) }
}

const property_id = castProperties.town.id
const booking = () => ({ property_id, ...nights(), num_adults: 1 })
const hold = () => ({ property_id, ...nights() })
const block = () => {
  const { check_in: start_date, check_out: end_date } = nights()
  return { property_id, start_date, end_date, reason: 'other' }
}

interface Call {
  readonly path: string
  readonly body?: object
}
type Make = (operation: string, path: string, body: object) => Promise<string>

/**
 * A valid request for each operation, without planted values. `make` creates the records it needs, with planted values:
 * a booking whose guest is replaced had a planted guest before.
 */
const calls: Readonly<Record<string, (make: Make) => Promise<Call>>> = {
  'PATCH /agency': async () => ({ path: 'agency', body: {} }),
  'POST /team': async () => ({ path: 'team', body: { role: 'staff' } }),
  'PATCH /team/:id': async () => ({ path: `team/${players.bothAgencies.user_id}`, body: { role: 'staff' } }),
  'POST /properties': async () => ({ path: 'properties', body: { property_type: 'house', max_guests: 4 } }),
  'PATCH /properties/:id': async () => ({ path: `properties/${castProperties.forest.id}`, body: {} }),
  'POST /availability/blocks': async () => ({ path: 'availability/blocks', body: block() }),
  'PATCH /availability/blocks/:id': async (make) => ({
    path: `availability/blocks/${await make('POST /availability/blocks', 'availability/blocks', block())}`,
    body: {},
  }),
  'POST /guests': async () => ({ path: 'guests', body: {} }),
  'PATCH /guests/:id': async (make) => ({ path: `guests/${await make('POST /guests', 'guests', {})}`, body: {} }),
  'POST /guests/:id/export': async (make) => ({ path: `guests/${await make('POST /guests', 'guests', {})}/export` }),
  'POST /bookings': async () => ({ path: 'bookings', body: booking() }),
  'PATCH /bookings/:id': async (make) => ({
    path: `bookings/${await make('POST /bookings', 'bookings', booking())}`,
    body: { num_pets: 1 },
  }),
  'PATCH /bookings/:id/status': async (make) => ({
    path: `bookings/${await make('POST /bookings', 'bookings', booking())}/status`,
    body: { status: 'no_show' },
  }),
  'POST /bookings/:id/cancellation': async (make) => ({
    path: `bookings/${await make('POST /bookings', 'bookings', booking())}/cancellation`,
    body: { cancelled_by: 'guest' },
  }),
  'POST /bookings/:id/split': async (make) => {
    const stay = booking()
    const id = await make('POST /bookings', 'bookings', stay)
    return {
      path: `bookings/${id}/split`,
      body: { property_id: castProperties.lake.id, check_in: dayAfter(stay.check_in, 2) },
    }
  },
  'POST /holds': async () => ({ path: 'holds', body: hold() }),
  'POST /holds/:id/booking': async (make) => ({
    path: `holds/${await make('POST /holds', 'holds', hold())}/booking`,
    body: { num_adults: 1 },
  }),
}

/** Sent after planting: deletions, and the erasure itself. */
const later = /^DELETE |anonymisation$/

/** Sends every operation with planted values, then the same request with a new key, and the reads with planted queries. */
export async function plantEverywhere(scenario: ErasureScenario): Promise<void> {
  const { operations, planted, service, send } = scenario
  const schemaOf = (name: string) => operations.find((one) => one.name === name)?.body ?? {}
  const make: Make = async (operation, path, body) =>
    (await send(operation, path, planted.plant(operation, schemaOf(operation), body), 201)).body.id
  for (const { name, method, path, body, example, is_of_agency } of operations) {
    if (method === 'GET' || later.test(name)) continue
    const planting = (base: object) => (body === undefined ? undefined : planted.plant(name, body, base))
    if (!is_of_agency) {
      // What is sent to sign-in and similar operations must not be stored.
      if (!name.includes('everywhere')) await service.ask('accountant', method, path, planting(example))
      continue
    }
    const call = await calls[name]?.(make)
    assert.ok(
      call,
      `no request for ${name}: add one to the calls, and say in agencyTexts which texts are not a guest's`,
    )
    const complete = planting(call.body ?? {})
    const { status, text } = await send(name, call.path, complete)
    assert.ok(status >= 200 && status < 300, `${name}: ${text}`)
    // Usually an error response. Those are stored for replays as well.
    await send(name, call.path, complete)
  }
  await endHoldsAndBlocks(scenario, make)
  await readWithValues(scenario)
}

/** States that need several operations: a booking without its guest, and each way in which a hold or a block ends. */
async function endHoldsAndBlocks({ send, planted, operations, service }: ErasureScenario, make: Make): Promise<void> {
  const without = await make('POST /bookings', 'bookings', booking())
  await send('PATCH /bookings/:id', `bookings/${without}`, { guest: null }, 200)
  const deleted = await make('POST /bookings', 'bookings', booking())
  await send('DELETE /bookings/:id', `bookings/${deleted}`, undefined, 204)
  const released = await make('POST /holds', 'holds', hold())
  await send('DELETE /holds/:id', `holds/${released}`, undefined, 204)
  const expired = await make('POST /holds', 'holds', hold())
  await service.rows(`update holds set expires_at = now() - interval '1 minute' where id = '${expired}'`)
  const gone = await make('POST /availability/blocks', 'availability/blocks', block())
  await send('DELETE /availability/blocks/:id', `availability/blocks/${gone}`, undefined, 204)
  const schema = operations.find(({ name }) => name === 'POST /holds')?.body ?? {}
  const property = await send(
    'POST /properties',
    'properties',
    { name: 'Chalet', property_type: 'house', max_guests: 2 },
    201,
  )
  const held = planted.plant('POST /holds', schema, { ...hold(), property_id: property.body.id })
  await send('POST /holds', 'holds', held, 201)
  await send('DELETE /properties/:id', `properties/${property.body.id}`, undefined, 204)
}

const samples: Readonly<Record<string, string>> = {
  property_id,
  from: '2031-01-01',
  to: '2031-02-01',
  check_in: '2031-01-01',
  check_out: '2031-01-03',
}

/** The required query parameters of an operation, and `more`. */
export function queryFor({ query }: Operation, more: Readonly<Record<string, string>> = {}): string {
  const required = Object.entries(query).filter(([, { required }]) => required)
  const given = { ...Object.fromEntries(required.map(([name]) => [name, samples[name] ?? '1'])), ...more }
  return new URLSearchParams(given).toString()
}

/** Reads with a planted value in each text parameter: search terms must not be logged. */
async function readWithValues({ operations, planted, service }: ErasureScenario): Promise<void> {
  for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    const texts = Object.entries(operation.query).filter(([, { type, format, pattern }]) => {
      return type === 'string' && (format === undefined || format === 'email') && pattern === undefined
    })
    for (const [name, { format }] of texts) {
      const value = planted.text(`${operation.name} ?${name}`)
      const query = queryFor(operation, { [name]: format === 'email' ? `${value}@planted.example` : value })
      await service.ask('admin', 'GET', `${operation.path}?${query}`)
    }
  }
}

/** Anonymises every guest, releases or clears every hold and removes every block's notes. Returns the number of guests. */
export async function anonymiseAllGuests({ service, send }: ErasureScenario): Promise<number> {
  let anonymised = 0
  for (const { id } of await everyItem(service, 'guests')) {
    await send('POST /guests/:id/anonymisation', `guests/${id}/anonymisation`, undefined, 200)
    anonymised += 1
  }
  for (const { id, status, notes } of await everyItem(service, 'holds')) {
    if (status === 'active') await send('DELETE /holds/:id', `holds/${id}`, undefined, 204)
    else if (notes !== null) await send('DELETE /holds/:id/notes', `holds/${id}/notes`, undefined)
  }
  for (const [i, { id, notes }] of (await everyItem(service, 'availability/blocks')).entries()) {
    if (notes === null) continue
    if (i % 2 === 0) await send('PATCH /availability/blocks/:id', `availability/blocks/${id}`, { notes: null }, 200)
    else await send('DELETE /availability/blocks/:id', `availability/blocks/${id}`, undefined, 204)
  }
  return anonymised
}

/** All rows of a list, as an admin. */
export async function everyItem(service: RunningService, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await service.ask('admin', 'GET', `${path}?limit=100${cursor && `&cursor=${cursor}`}`)
    items.push(...body.items)
    cursor = body.next_cursor
  }
  return items
}
