// Plants marks through every operation that changes something in an agency, then forgets every guest.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { castProperties, players } from '../cast.ts'
import { dayAfter } from '../steps.ts'
import { type Operation, operationsIn } from './document.ts'
import { createMarks, type Mark, type Marks } from './marks.ts'

export interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: the story looks into answers of every shape
  readonly body: any
}

export type Caller = 'admin' | 'manager' | 'staff' | 'owner' | 'accountant'

/** A running API and its database, as tests and the scorecard have them. */
export interface World {
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

/** A request that carried an Idempotency-Key, to be sent again. */
export interface Sent {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly body: object | undefined
  readonly key: string
  readonly status: number
}

export interface Story {
  readonly world: World
  readonly operations: readonly Operation[]
  readonly marks: Marks
  readonly sent: readonly Sent[]
  /** Marks in fields that hold words about a guest. All other texts are the agency's own. */
  guestMarks(): Mark[]
  /** Sends a change as an admin with a key of its own and remembers it; `wanted` is the status it must have. */
  send(operation: string, path: string, body?: object, wanted?: number): Promise<Answered>
}

/** Free text that is not about a guest, and why it stays when a guest is forgotten. Every other field is erased. */
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

/** Any text fits the schema, but only known values are accepted: nothing can be planted. */
const keptFields: readonly string[] = ['PATCH /agency /time_zone']

export async function openStory(world: World): Promise<Story> {
  const operations = operationsIn((await world.ask(undefined, 'GET', '/openapi.json')).body)
  const marks = createMarks((field) => keptFields.includes(field))
  const sent: Sent[] = []
  return {
    world,
    operations,
    marks,
    sent,
    guestMarks: () => marks.all.filter(({ field }) => !Object.hasOwn(agencyTexts, field)),
    async send(operation, path, body, wanted) {
      const key = randomUUID()
      const method = operation.split(' ')[0] ?? ''
      const answer = await world.ask('admin', method, path, body, { 'idempotency-key': key })
      if (wanted !== undefined) assert.equal(answer.status, wanted, `${operation}: ${answer.text}`)
      sent.push({ operation, method, path, body, key, status: answer.status })
      return answer
    },
  }
}

let month = 0
/** Nights of the past that nobody has asked for: whoever stayed then may be forgotten. */
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
 * A good request for each operation, before the marks. What it needs is made by `make`, with marks in it as well: so a
 * booking that gets another guest had one before.
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

/** What comes after planting: deletions, and the erasure itself. */
const later = /^DELETE |anonymisation$/

/** Sends every operation with marks in every free-text field, the same request again under a new key, and the reads with marks in their queries. */
export async function plantEverywhere(story: Story): Promise<void> {
  const { operations, marks, world, send } = story
  const schemaOf = (name: string) => operations.find((one) => one.name === name)?.body ?? {}
  const make: Make = async (operation, path, body) =>
    (await send(operation, path, marks.plant(operation, schemaOf(operation), body), 201)).body.id
  for (const { name, method, path, body, example, is_of_agency } of operations) {
    if (method === 'GET' || later.test(name)) continue
    const planted = (base: object) => (body === undefined ? undefined : marks.plant(name, body, base))
    if (!is_of_agency) {
      // Signing in and the like: whatever is typed there must stay nowhere.
      if (!name.includes('everywhere')) await world.ask('accountant', method, path, planted(example))
      continue
    }
    const call = await calls[name]?.(make)
    assert.ok(
      call,
      `no request for ${name}: add one to the calls, and say in agencyTexts which texts are not a guest's`,
    )
    const complete = planted(call.body ?? {})
    const { status, text } = await send(name, call.path, complete)
    assert.ok(status >= 200 && status < 300, `${name}: ${text}`)
    // Mostly a refusal, and those are kept as well.
    await send(name, call.path, complete)
  }
  await looseEnds(story, make)
  await readWithMarks(story)
}

/** What no single operation leads to: a booking that loses its guest, holds and blocks that end in every way. */
async function looseEnds({ send, marks, operations, world }: Story, make: Make): Promise<void> {
  const without = await make('POST /bookings', 'bookings', booking())
  await send('PATCH /bookings/:id', `bookings/${without}`, { guest: null }, 200)
  const deleted = await make('POST /bookings', 'bookings', booking())
  await send('DELETE /bookings/:id', `bookings/${deleted}`, undefined, 204)
  const released = await make('POST /holds', 'holds', hold())
  await send('DELETE /holds/:id', `holds/${released}`, undefined, 204)
  const expired = await make('POST /holds', 'holds', hold())
  await world.rows(`update holds set expires_at = now() - interval '1 minute' where id = '${expired}'`)
  const gone = await make('POST /availability/blocks', 'availability/blocks', block())
  await send('DELETE /availability/blocks/:id', `availability/blocks/${gone}`, undefined, 204)
  const schema = operations.find(({ name }) => name === 'POST /holds')?.body ?? {}
  const home = await send(
    'POST /properties',
    'properties',
    { name: 'Home', property_type: 'house', max_guests: 2 },
    201,
  )
  const held = marks.plant('POST /holds', schema, { ...hold(), property_id: home.body.id })
  await send('POST /holds', 'holds', held, 201)
  await send('DELETE /properties/:id', `properties/${home.body.id}`, undefined, 204)
}

const samples: Readonly<Record<string, string>> = {
  property_id,
  from: '2031-01-01',
  to: '2031-02-01',
  check_in: '2031-01-01',
  check_out: '2031-01-03',
}

/** The query that an operation insists on, and `more`. */
export function queryFor({ query }: Operation, more: Readonly<Record<string, string>> = {}): string {
  const required = Object.entries(query).filter(([, { required }]) => required)
  const given = { ...Object.fromEntries(required.map(([name]) => [name, samples[name] ?? '1'])), ...more }
  return new URLSearchParams(given).toString()
}

/** Names are looked for by their letters: what is asked must be in no log. */
async function readWithMarks({ operations, marks, world }: Story): Promise<void> {
  for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    const texts = Object.entries(operation.query).filter(([, { type, format, pattern }]) => {
      return type === 'string' && (format === undefined || format === 'email') && pattern === undefined
    })
    for (const [name, { format }] of texts) {
      const mark = marks.text(`${operation.name} ?${name}`)
      const query = queryFor(operation, { [name]: format === 'email' ? `${mark}@planted.example` : mark })
      await world.ask('admin', 'GET', `${operation.path}?${query}`)
    }
  }
}

/** Forgets every guest, releases or clears every hold, and takes the notes off every block. */
export async function forgetEverybody({ world, send }: Story): Promise<number> {
  let forgotten = 0
  for (const { id } of await everyItem(world, 'guests')) {
    await send('POST /guests/:id/anonymisation', `guests/${id}/anonymisation`, undefined, 200)
    forgotten += 1
  }
  for (const { id, status, notes } of await everyItem(world, 'holds')) {
    if (status === 'active') await send('DELETE /holds/:id', `holds/${id}`, undefined, 204)
    else if (notes !== null) await send('DELETE /holds/:id/notes', `holds/${id}/notes`, undefined)
  }
  for (const [i, { id, notes }] of (await everyItem(world, 'availability/blocks')).entries()) {
    if (notes === null) continue
    if (i % 2 === 0) await send('PATCH /availability/blocks/:id', `availability/blocks/${id}`, { notes: null }, 200)
    else await send('DELETE /availability/blocks/:id', `availability/blocks/${id}`, undefined, 204)
  }
  return forgotten
}

/** All rows of a list, as an admin sees them. */
export async function everyItem(world: World, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await world.ask('admin', 'GET', `${path}?limit=100${cursor && `&cursor=${cursor}`}`)
    items.push(...body.items)
    cursor = body.next_cursor
  }
  return items
}
