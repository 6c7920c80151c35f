// What somebody has typed into the form for a new booking, and the request that it makes.
import type { Schema } from '../../../api/client.ts'
import { parseMoney } from '../../../locales/money.ts'

export interface StayDraft {
  readonly property_id: string | undefined
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number
  readonly num_children: number
  readonly num_pets: number
  readonly status: 'confirmed' | 'pending' | 'inquiry'
  readonly source: Schema['BookingSource']
  /** As typed; empty: the price of the home. */
  readonly total: string
  readonly internal_notes: string
}

export interface GuestDraft {
  /** A guest who is known already. */
  readonly id: string | undefined
  readonly first_name: string
  readonly last_name: string
  readonly email: string
  readonly phone: string
  /** ISO 3166-1 alpha-2, or ''. */
  readonly country: string
}

export const emptyGuest: GuestDraft = {
  id: undefined,
  first_name: '',
  last_name: '',
  email: '',
  phone: '',
  country: '',
}

/** Undefined while something that a booking needs is missing. */
export function bodyOfDraft(stay: StayDraft, guest: GuestDraft, currency: string): Schema['NewBooking'] | undefined {
  const { property_id, total, internal_notes, ...rest } = stay
  const total_cents = total === '' ? undefined : parseMoney(total, currency)
  if (property_id === undefined || rest.check_in === '' || rest.check_out === '') return undefined
  if (total !== '' && total_cents === undefined) return undefined
  const given = guestOf(guest)
  if (given === undefined) return undefined
  return {
    ...rest,
    ...given,
    property_id,
    ...(total_cents !== undefined && { total_cents }),
    ...(internal_notes.trim() !== '' && { internal_notes }),
  }
}

/** Nothing for a booking without a guest; undefined for one with half a name. */
function guestOf({ id, first_name, last_name, email, phone, country }: GuestDraft): object | undefined {
  if (id !== undefined) return { guest_id: id }
  const texts = [first_name, last_name, email, phone, country].map((text) => text.trim())
  if (texts.every((text) => text === '')) return {}
  if (texts[0] === '' || texts[1] === '') return undefined
  return {
    guest: {
      first_name: texts[0],
      last_name: texts[1],
      ...(texts[2] !== '' && { email: texts[2] }),
      ...(texts[3] !== '' && { phone: texts[3] }),
      ...(texts[4] !== '' && { country: texts[4] }),
    },
  }
}
