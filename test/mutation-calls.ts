// A valid request for each route that changes data, for sweeps that perform all of them.
import assert from 'node:assert/strict'
import { castProperties, players } from './cast.ts'
import type { Client } from './harness.ts'

let month = 0

/** Free nights. */
function dates(): { check_in: string; check_out: string } {
  month += 1
  const at = (day: number) => new Date(Date.UTC(2040, month, day)).toISOString().slice(0, 10)
  return { check_in: at(1), check_out: at(5) }
}

async function made(admin: Client, path: string, body: object): Promise<string> {
  const reply = await admin.post(path, body)
  assert.ok([200, 201].includes(reply.status), `${path}: ${reply.text}`)
  return reply.body.id as string
}

const booking = (fields: object = {}) => ({ property_id: castProperties.town.id, ...dates(), num_adults: 1, ...fields })
const block = () => {
  const { check_in, check_out } = dates()
  return { property_id: castProperties.town.id, start_date: check_in, end_date: check_out, reason: 'other' }
}
const hold = () => ({ property_id: castProperties.town.id, ...dates() })
const guest = () => ({ first_name: 'Ada', last_name: 'Lovelace', email: `ada-${++month}@example.com` })
const property = { name: 'Key House', property_type: 'house', max_guests: 2 }
const invitation = () => ({ email: `new-${++month}@example.com`, role: 'staff' })

export interface Call {
  readonly path: string
  readonly body?: object
}

/** By `METHOD /path`; sent by `admin`, who creates what it needs. */
export const mutationCalls: Readonly<Record<string, (admin: Client) => Promise<Call>>> = {
  'POST /properties': async () => ({ path: 'properties', body: property }),
  'PATCH /properties/:id': async () => ({
    path: `properties/${castProperties.town.id}`,
    body: { city: `Town ${++month}` },
  }),
  'DELETE /properties/:id': async (admin) => ({ path: `properties/${await made(admin, 'properties', property)}` }),
  'POST /bookings': async () => ({ path: 'bookings', body: booking() }),
  'PATCH /bookings/:id': async (admin) => ({
    path: `bookings/${await made(admin, 'bookings', booking())}`,
    body: { num_pets: 1 },
  }),
  'DELETE /bookings/:id': async (admin) => ({ path: `bookings/${await made(admin, 'bookings', booking())}` }),
  'PATCH /bookings/:id/status': async (admin) => ({
    path: `bookings/${await made(admin, 'bookings', booking())}/status`,
    body: { status: 'checked_in' },
  }),
  'POST /bookings/:id/cancellation': async (admin) => ({
    path: `bookings/${await made(admin, 'bookings', booking())}/cancellation`,
    body: { cancelled_by: 'guest' },
  }),
  'POST /bookings/:id/split': async (admin) => {
    const stay = booking()
    const check_in = `${stay.check_in.slice(0, 8)}03`
    return {
      path: `bookings/${await made(admin, 'bookings', stay)}/split`,
      body: { property_id: castProperties.lake.id, check_in },
    }
  },
  'POST /availability/blocks': async () => ({ path: 'availability/blocks', body: block() }),
  'PATCH /availability/blocks/:id': async (admin) => ({
    path: `availability/blocks/${await made(admin, 'availability/blocks', block())}`,
    body: { reason: 'maintenance' },
  }),
  'DELETE /availability/blocks/:id': async (admin) => ({
    path: `availability/blocks/${await made(admin, 'availability/blocks', block())}`,
  }),
  'POST /holds': async () => ({ path: 'holds', body: hold() }),
  'DELETE /holds/:id/notes': async (admin) => ({ path: `holds/${await made(admin, 'holds', hold())}/notes` }),
  'DELETE /holds/:id': async (admin) => ({ path: `holds/${await made(admin, 'holds', hold())}` }),
  'POST /holds/:id/booking': async (admin) => ({
    path: `holds/${await made(admin, 'holds', hold())}/booking`,
    body: { num_adults: 2 },
  }),
  'POST /guests': async () => ({ path: 'guests', body: guest() }),
  'PATCH /guests/:id': async (admin) => ({
    path: `guests/${await made(admin, 'guests', guest())}`,
    body: { first_name: 'Augusta' },
  }),
  'POST /guests/:id/anonymisation': async (admin) => ({
    path: `guests/${await made(admin, 'guests', guest())}/anonymisation`,
  }),
  'POST /guests/:id/export': async (admin) => ({ path: `guests/${await made(admin, 'guests', guest())}/export` }),
  'PATCH /agency': async () => ({ path: 'agency', body: { hold_minutes: 20 } }),
  'POST /team': async () => ({ path: 'team', body: invitation() }),
  'PATCH /team/:id': async () => ({ path: `team/${players.accountant.user_id}`, body: { role: 'staff' } }),
  'DELETE /team/:id': async () => ({ path: `team/${players.otherOwner.user_id}` }),
  'DELETE /team/invitations/:id': async (admin) => ({
    path: `team/invitations/${await made(admin, 'team', invitation())}`,
  }),
}
