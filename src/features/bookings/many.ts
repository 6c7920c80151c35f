// Many bookings at once, as an import brings them: one statement for each kind of row, not for each row.
import sql from 'sql-template-tag'
import { PropertyNotFoundError, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudits } from '../../core/events/audit.ts'
import { announceAll } from '../../core/events/events.ts'
import { columns, recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { occupyAll } from '../availability/occupy-all.ts'
import { type SavedGuest, saveGuest } from '../guests/guests.ts'
import { findProperties, lockAllNights } from '../properties/properties.ts'
import type { Property } from '../properties/schema.ts'
import { type BookingInput, createBooking } from './bookings.ts'
import { type NewRow, newRow } from './new-row.ts'
import { takesNights } from './nights.ts'
import { requireRoom, requireStay } from './rules.ts'
import { type FullBooking, visibleFields } from './schema.ts'
import { audited } from './writes.ts'

const kept = visibleFields.all.filter((name) => name !== 'property_name')
const generated = ['num_nights', 'num_guests', 'version', 'created_at', 'updated_at']
const keptColumns = columns(kept)
const writtenColumns = columns(['guest_id', ...kept.filter((name) => !generated.includes(name))])

/**
 * Books all of them, for the operator: the rules of the properties are not asked. Throws what createBooking throws, but
 * does not say about which of them; whoever wants to know that books them in smaller lots, down to one.
 */
export async function createBookings(tx: Tx, inputs: readonly BookingInput[]): Promise<void> {
  const [first, ...others] = inputs
  if (first === undefined) return
  if (others.length === 0) await createBooking(tx, first)
  else await saveRows(tx, await admit(tx, inputs))
}

/** A row that may be saved, and what the log says about it beyond its columns. */
interface Admitted {
  readonly row: NewRow
  readonly property: Property
  readonly guest: SavedGuest | null
}

/** Waits for the turn on every property whose nights are taken, and looks at it then. */
async function admit(tx: Tx, inputs: readonly BookingInput[]): Promise<Admitted[]> {
  for (const input of inputs) requireStay(input)
  const idsOf = (some: readonly BookingInput[]) => some.map(({ property_id }) => property_id)
  const [, properties, ...guests] = await settleAll(
    lockAllNights(tx, idsOf(inputs.filter(takes))),
    findProperties(tx, idsOf(inputs)),
    ...inputs.map(async ({ guest }) => (guest === undefined ? null : saveGuest(tx, guest))),
  )
  return inputs.map((input, place) => {
    const property = properties.get(input.property_id.toLowerCase())
    if (property === undefined) throw new PropertyNotFoundError()
    if (takes(input) && !property.is_active) throw new PropertyUnavailableError()
    requireRoom(input, property.max_guests)
    const guest = guests[place] ?? null
    return { row: newRow(input, property, guest?.id ?? null), property, guest }
  })
}

const takes = ({ status = 'confirmed' }: BookingInput) => takesNights({ status })

async function saveRows(tx: Tx, admitted: readonly Admitted[]): Promise<void> {
  const rows = admitted.map(({ row }) => row)
  const [saved] = await settleAll(
    tx.query<FullBooking>(sql`
      insert into bookings (agency_id, ${writtenColumns})
      select ${tx.agency_id}, ${writtenColumns} from ${recordset('bookings', rows)} returning ${keptColumns}`),
    announceAll(
      tx,
      'booking.changed',
      rows.map(({ id }) => id),
    ),
    occupyAll(tx, rows.filter(takesNights)),
  )
  const byId = new Map(saved.map((booking) => [booking.id, booking]))
  const entries = admitted.map(({ row: { id }, property, guest }) => {
    const booking = { ...(byId.get(id) as FullBooking), property_name: property.name, guest }
    return { action: 'booking.created', entity_type: 'booking', entity_id: id, after: audited(booking) }
  })
  recordAudits(tx, entries)
}
