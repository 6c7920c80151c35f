// Steps that many tests share: expect a status, create a property, describe a stay.
import assert from 'node:assert/strict'
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
