// Steps that many tests share: expect a status, create a property, describe a stay.
import assert from 'node:assert/strict'
import { localDay } from '../src/core/time-zones.ts'
import type { TestStore } from './engines.ts'
import type { Client, Reply } from './harness.ts'

/** The reply, after asserting its status; on failure the message contains its text. */
export function must(status: number, reply: Reply, what = ''): Reply {
  assert.equal(reply.status, status, `${what} ${reply.text}`)
  return reply
}

export const codeOf = (reply: Reply): string | undefined => reply.body.error?.code

/** `<pointer> <code>` of every validation error. */
export function findings(reply: Reply): string[] {
  return (reply.body.error?.details ?? []).map(
    (detail: { pointer: string; code: string }) => `${detail.pointer} ${detail.code}`,
  )
}

/** Creates a property for 4 guests, at 100.00 a night and 50.00 for cleaning. Returns its id. */
export async function newProperty(manager: Pick<Client, 'post'>, more: object = {}): Promise<string> {
  const property = {
    name: 'Home',
    property_type: 'house',
    max_guests: 4,
    base_price_cents: 10_000,
    cleaning_fee_cents: 5000,
  }
  return must(201, await manager.post('properties', { ...property, ...more })).body.id
}

/** The body of a booking of `nights` (3) from `check_in`. */
export function stay(property_id: string, check_in: string, nights = 3, more: object = {}) {
  return { property_id, check_in, check_out: dayAfter(check_in, nights), num_adults: 2, ...more }
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Today in the time zone of the test agencies, and `days` later. */
export function localToday(days = 0): string {
  return dayAfter(localDay(new Date().toISOString(), 'Europe/Berlin'), days)
}

/** All items of a list, page by page. `path` has a query. `between` runs after each page but the last. */
export async function readAllPages(
  client: Pick<Client, 'get'>,
  path: string,
  between: () => Promise<unknown> = async () => {},
): Promise<Reply['body'][]> {
  const items: Reply['body'][] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = must(200, await client.get(cursor === '' ? path : `${path}&cursor=${cursor}`))
    items.push(...body.items)
    cursor = body.next_cursor
    if (cursor !== null) await between()
  }
  return items
}

/** Row counts of the tables that a booking writes. */
export async function bookingRowCounts({ owner }: Pick<TestStore, 'owner'>): Promise<object> {
  const { rows } = await owner.query(
    `select (select count(*)::int from bookings) as bookings, (select count(*)::int from guests) as guests,
       (select count(*)::int from occupancies) as occupancies, (select count(*)::int from audit_log) as audit`,
  )
  return rows[0] as object
}

/** A conflict of a channel in a property, and its id. Only imports make conflicts, so it is inserted with SQL. */
export async function insertConflict(
  { owner }: Pick<TestStore, 'owner'>,
  { agency_id, id }: { readonly agency_id: string; readonly id: string },
): Promise<string> {
  const { rows } = await owner.query(
    `insert into booking_conflicts (agency_id, id, kind, property_id, source, external_code, check_in, check_out, facts)
     values ($1, gen_random_uuid(), 'overlap', $2, 'airbnb', 'HM1', '2036-01-01', '2036-01-02',
       '{"listing": "Lake House", "currency": "EUR"}') returning id`,
    [agency_id, id],
  )
  return String(rows[0]?.id)
}

/** Inserts a picture of the property whose files do not exist, and returns its id. */
export function photoInsert({ agency_id, id }: { readonly agency_id: string; readonly id: string }): string {
  return `
    insert into property_photos (agency_id, id, property_id, position, status, media_key, width, height)
    select '${agency_id}', gen_random_uuid(), '${id}', count(*) + 1, 'ready', left(replace(gen_random_uuid()::text, '-', ''), 22), 4000, 3000
    from property_photos where property_id = '${id}' returning id`
}

/** The rows of an object of equally long arrays, as in the calendar. */
export function rowsOf(columns: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  const lengths = new Set(Object.values(columns).map(({ length }) => length))
  assert.ok(lengths.size <= 1, `columns of different lengths: ${[...lengths]}`)
  const [length = 0] = lengths
  return Array.from({ length }, (_, n) => {
    return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[n]]))
  })
}
