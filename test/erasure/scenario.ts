// Plants values through every operation that changes data of an agency, then anonymises every guest.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SampleContext } from '../../src/http/samples.ts'
import { castProperties } from '../cast.ts'
import { sampleContext, sampleOf, samples } from '../samples.ts'
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

/** `METHOD /path /field` of the free text that is not about a guest, and why it stays when a guest is anonymised. */
export const agencyTexts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(samples).flatMap(([operation, { kept = {} }]) =>
      Object.entries(kept).map(([field, reason]) => [`${operation} ${field}`, reason]),
    ),
  ),
  'POST /auth/login /email': 'logged when the sign-in fails (docs/ops/erasure.md); guests have no accounts',
}

/** The schema takes any text but only known values are accepted, so nothing can be planted. */
const keptFields: readonly string[] = [
  'PATCH /agency /time_zone',
  'POST /properties /time_zone',
  'PATCH /properties/:id /time_zone',
]

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

/** Nights are in the past: guests with future stays cannot be anonymised. */
const first_year = 2002

/** Sent after planting: deletions, and the erasure itself. */
// Files have no fields: what they hold reaches the columns of the other operations.
const later = /^DELETE |anonymisation$|^POST .*\/(imports|photos)$/

/** Sends every operation with planted values, then the same request with a new key, and the reads with planted queries. */
export async function plantEverywhere(scenario: ErasureScenario): Promise<void> {
  const { operations, planted, service, send } = scenario
  const schemaOf = (name: string) => operations.find((one) => one.name === name)?.body ?? {}
  // Records that a sample needs have planted values too: a booking whose guest is replaced had a planted guest before.
  const context = sampleContext({
    create: async (operation, path, body, status) =>
      (await send(operation, path, planted.plant(operation, schemaOf(operation), body), status)).body.id,
    rows: service.rows,
    year: first_year,
  })
  for (const { name, method, path, body, example, is_of_agency } of operations) {
    if (method === 'GET' || later.test(name)) continue
    const planting = (base: object) => (body === undefined ? undefined : planted.plant(name, body, base))
    if (!is_of_agency) {
      // What is sent to sign-in and similar operations must not be stored.
      if (!name.includes('everywhere')) await service.ask('accountant', method, path, planting(example))
      continue
    }
    const call = await sampleOf(name).request(context)
    const complete = planting(call.body ?? {})
    const { status, text } = await send(name, call.path, complete)
    assert.ok(status >= 200 && status < 300, `${name}: ${text}`)
    // Usually an error response. Those are stored for replays as well.
    await send(name, call.path, complete)
  }
  await endHoldsAndBlocks(scenario, context)
  await readWithValues(scenario)
}

/** States that need several operations: a booking without its guest, and each way in which a hold or a block ends. */
async function endHoldsAndBlocks({ send, service }: ErasureScenario, { make }: SampleContext): Promise<void> {
  const without = await make('POST /bookings')
  await send('PATCH /bookings/:id', `bookings/${without}`, { guest: null }, 200)
  const deleted = await make('POST /bookings')
  await send('DELETE /bookings/:id', `bookings/${deleted}`, undefined, 204)
  const released = await make('POST /holds')
  await send('DELETE /holds/:id', `holds/${released}`, undefined, 204)
  const expired = await make('POST /holds')
  await service.rows(`update holds set expires_at = now() - interval '1 minute' where id = '${expired}'`)
  const gone = await make('POST /availability/blocks')
  await send('DELETE /availability/blocks/:id', `availability/blocks/${gone}`, undefined, 204)
  const property_id = await make('POST /properties')
  await make('POST /holds', { property_id })
  await send('DELETE /properties/:id', `properties/${property_id}`, undefined, 204)
}

const queryValues: Readonly<Record<string, string>> = {
  property_id: castProperties.town.id,
  from: '2031-01-01',
  to: '2031-02-01',
  check_in: '2031-01-01',
  check_out: '2031-01-03',
}

/** The required query parameters of an operation, and `more`. */
export function queryFor({ query }: Operation, more: Readonly<Record<string, string>> = {}): string {
  const required = Object.entries(query).filter(([, { required }]) => required)
  const given = { ...Object.fromEntries(required.map(([name]) => [name, queryValues[name] ?? '1'])), ...more }
  return new URLSearchParams(given).toString()
}

/** Reads with a planted value in each text parameter: search terms must not be logged. */
async function readWithValues({ operations, planted, service }: ErasureScenario): Promise<void> {
  for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    const texts = Object.entries(operation.query).filter(([, { type, format, pattern }]) => {
      return type === 'string' && (format === undefined || format === 'idn-email') && pattern === undefined
    })
    for (const [name, { format }] of texts) {
      const value = planted.text(`${operation.name} ?${name}`)
      const query = queryFor(operation, { [name]: format === 'idn-email' ? `${value}@planted.example` : value })
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
