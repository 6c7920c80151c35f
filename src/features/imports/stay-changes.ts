// What an import changes on a booking, field by field.
import type { Revision } from '../bookings/revise.ts'
import type { ChannelBooking } from '../channels/facts.ts'
import type { FieldChange } from './importer.ts'

export function changesOf(booking: ChannelBooking, revision: Revision): FieldChange[] {
  const before = new Map<string, unknown>(Object.entries(booking))
  return Object.entries(revision)
    .filter(([field, value]) => field !== 'cancelled_by' && before.get(field) !== value)
    .map(([field, value]) => ({ field, before: textOf(before.get(field)), after: textOf(value) }))
}

const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value))
