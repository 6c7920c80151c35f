// A day with something in every list: arrivals, departures, guests in house, a hold, a conflict, blocked nights.
import assert from 'node:assert/strict'
import { north } from '../cast.ts'
import { insertConflict, localToday, must, newProperty, stay } from '../steps.ts'
import type { Service } from './service.ts'

export interface Texts {
  readonly home: string
  readonly city: string
  readonly first_name: string
  readonly last_name: string
  readonly notes: string
}

export interface Seeded {
  readonly home_id: string
  readonly booking_id: string
  readonly guest_id: string
  readonly block_id: string
  readonly hold_id: string
}

/** [arrival, departure] in days from today, and the statuses that follow. */
const stays: readonly (readonly [from: number, to: number, ...statuses: string[]])[] = [
  [-6, -2, 'checked_in'],
  [-3, 0, 'checked_in'],
  [0, 4, 'confirmed'],
  [-1, 2, 'checked_in'],
  [5, 8, 'pending'],
]

/** Creates homes, guests and bookings with these texts. */
export async function seedDay({ admin, manager, store }: Service, texts: Texts): Promise<Seeded> {
  const { home, city, first_name, last_name, notes } = texts
  const today = localToday()
  const created: { id: string; guest: { id: string } }[] = []
  const homes: string[] = []
  for (const [n, [from, to, status]] of stays.entries()) {
    homes.push(await newProperty(manager, { name: home, city, max_guests: 6 }))
    const guest = { first_name, last_name, email: `guest-${n}@example.com`, phone: '+49 30 1234567' }
    const more = { guest, num_pets: 1, internal_notes: notes, guest_message: notes, paid_cents: 1000 }
    const first = status === 'pending' ? { ...more, status } : more
    const body = stay(homes[n]!, localToday(from), to - from, first)
    const booking = must(201, await manager.post('bookings', body)).body
    if (status === 'checked_in') must(200, await manager.patch(`bookings/${booking.id}/status`, { status }))
    created.push(booking as (typeof created)[number])
  }
  const [home_id, booking] = [homes[0]!, created[0]!]
  const block = { property_id: home_id, start_date: today, end_date: localToday(3), reason: 'maintenance', notes }
  const { id: block_id } = must(201, await manager.post('availability/blocks', block)).body
  const held = { property_id: homes[1], check_in: localToday(6), check_out: localToday(9), notes }
  const { id: hold_id } = must(201, await manager.post('holds', held)).body
  await insertConflict(store, { agency_id: north, id: home_id })
  must(200, await admin.get('audit-log'))
  assert.ok(created.every(({ guest }) => guest.id))
  return { home_id, booking_id: booking.id, guest_id: booking.guest.id, block_id, hold_id }
}
