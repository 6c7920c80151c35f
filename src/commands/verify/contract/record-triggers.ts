// Triggers for errors of properties, bookings and holds, of Idempotency-Key and of locks.
import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import { operatorOf } from '../../../core/auth/actors.ts'
import type { Caller, HttpReply } from './caller.ts'
import { asReader, type TestAgency, type Triggers, withAgency, withSecondConnection } from './environment.ts'

/** An id of no record. */
const absent = '00000000-0000-7000-8000-000000000000'

let day = 0

/** A free night in two years, so that no rule about notice or booking windows applies. */
function freeNight() {
  day += 2
  const dayOf = (n: number) => new Date(Date.UTC(new Date().getUTCFullYear() + 2, 0, n)).toISOString().slice(0, 10)
  return { check_in: dayOf(day), check_out: dayOf(day + 1) }
}

type WithProperty = Pick<TestAgency, 'property_id'>

function stayAt({ property_id }: WithProperty, fields: object = {}) {
  return { property_id, ...freeNight(), num_adults: 2, total_cents: 100, ...fields }
}

const holdAt = ({ property_id }: WithProperty) => ({ property_id, ...freeNight() })

/** The id of the created record. */
async function created(reply: Promise<HttpReply>): Promise<string> {
  const { status, text } = await reply
  if (status !== 201) throw new Error(`not created: ${status} ${text}`)
  return (JSON.parse(text) as { id: string }).id
}

function createProperty(manager: Caller): Promise<string> {
  return created(manager.post('properties', { name: 'New', property_type: 'house', max_guests: 4 }))
}

const records: Triggers = {
  PROPERTY_NOT_FOUND: [
    withAgency(({ manager, foreign_property_id }) => manager.get(`properties/${foreign_property_id}`)),
    asReader((reader) => reader.get(`properties/${absent}`)),
  ],
  BOOKING_NOT_FOUND: [asReader((reader) => reader.get(`bookings/${absent}`))],
  GUEST_NOT_FOUND: [asReader((reader) => reader.get(`guests/${absent}`))],
  BLOCK_NOT_FOUND: [asReader((reader) => reader.get(`availability/blocks/${absent}`))],
  PHOTO_NOT_FOUND: [asReader((reader) => reader.get(`photos/${absent}`))],
  CONFLICT_NOT_FOUND: [asReader((reader) => reader.get(`conflicts/${absent}`))],
  HOLD_NOT_FOUND: [asReader((reader) => reader.get(`holds/${absent}`))],
  VERSION_MISMATCH: [
    withAgency(({ manager, property_id }) =>
      manager.patch(`properties/${property_id}`, { city: 'Graz' }, { 'if-match': '"99-aaaaaaaaaa"' }),
    ),
  ],
  PROPERTY_UNAVAILABLE: [
    withAgency(async ({ manager, staff }) => {
      const property_id = await createProperty(manager)
      await manager.patch(`properties/${property_id}`, { is_active: false })
      return staff.post('bookings', stayAt({ property_id }))
    }),
  ],
  BOOKING_RULE_BROKEN: [
    withAgency(async ({ manager, staff }) => {
      const property_id = await createProperty(manager)
      await manager.patch(`properties/${property_id}`, { min_nights: 2 })
      return staff.post('bookings', stayAt({ property_id }))
    }),
  ],
  PROPERTY_HAS_BOOKINGS: [
    withAgency(async ({ admin, manager, staff }) => {
      const property_id = await createProperty(manager)
      await created(staff.post('bookings', stayAt({ property_id })))
      return admin.delete(`properties/${property_id}`)
    }),
  ],
}

const stays: Triggers = {
  BOOKING_CONFLICT: [
    withAgency(async (agency) => {
      const same = stayAt(agency)
      await created(agency.staff.post('bookings', same))
      return agency.staff.post('bookings', same)
    }),
  ],
  BOOKING_CANCELLED: [
    withAgency(async (agency) => {
      const id = await created(agency.staff.post('bookings', stayAt(agency)))
      await agency.manager.patch(`bookings/${id}/status`, { status: 'cancelled' })
      return agency.manager.patch(`bookings/${id}`, { check_out: '2099-01-01' })
    }),
  ],
  INVALID_STATUS_TRANSITION: [
    withAgency(async (agency) => {
      const id = await created(agency.staff.post('bookings', stayAt(agency)))
      return agency.manager.patch(`bookings/${id}/status`, { status: 'pending' })
    }),
  ],
  STATUS_TOO_EARLY: [
    withAgency(async (agency) => {
      const id = await created(agency.staff.post('bookings', stayAt(agency)))
      return agency.staff.patch(`bookings/${id}/status`, { status: 'checked_in' })
    }),
  ],
  CONFLICT: [
    withAgency(async (agency) => {
      await created(agency.staff.post('bookings', stayAt(agency, { external_code: 'HM1' })))
      return agency.staff.post('bookings', stayAt(agency, { external_code: 'HM1' }))
    }),
  ],
  HOLD_EXPIRED: [
    withAgency(async (agency) => {
      const id = await created(agency.staff.post('holds', holdAt(agency)))
      await agency.staff.delete(`holds/${id}`)
      return agency.staff.delete(`holds/${id}`)
    }),
  ],
  HOLD_LIMIT_REACHED: [
    withAgency(async (agency) => {
      for (let held = 0; held < 5; held += 1) await created(agency.manager.post('holds', holdAt(agency)))
      return agency.manager.post('holds', holdAt(agency))
    }),
  ],
}

const repetition: Triggers = {
  IDEMPOTENCY_KEY_INVALID: [
    withAgency((agency) => agency.staff.post('bookings', stayAt(agency), { 'idempotency-key': 'a b' })),
  ],
  IDEMPOTENCY_KEY_REUSED: [
    withAgency(async (agency) => {
      await created(agency.staff.post('bookings', stayAt(agency), { 'idempotency-key': 'reused' }))
      return agency.staff.post('bookings', stayAt(agency), { 'idempotency-key': 'reused' })
    }),
  ],
  IDEMPOTENCY_ANSWER_WITHHELD: [
    withAgency(async (agency) => {
      const guest = { first_name: 'Ada', last_name: 'Withheld' }
      const key = { 'idempotency-key': randomUUID() }
      const id = await created(agency.staff.post('guests', guest, key))
      await agency.admin.post(`guests/${id}/anonymisation`)
      return agency.staff.post('guests', guest, key)
    }),
  ],
}

const locks: Triggers = {
  IDEMPOTENCY_IN_PROGRESS: [
    withSecondConnection((db, { agency_id, manager_id, manager }) =>
      db.tenantTx(operatorOf(agency_id), async (tx) => {
        const name = `key/${agency_id}/${manager_id}/busy`
        await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
        const property = { name: 'Busy', property_type: 'house', max_guests: 2 }
        return manager.post('properties', property, { 'idempotency-key': 'busy' })
      }),
    ),
  ],
  LOCK_TIMEOUT: [
    withSecondConnection((db, { agency_id, manager, property_id: id }) =>
      db.tenantTx(operatorOf(agency_id), async (tx) => {
        await tx.query(sql`select 1 from properties p where p.agency_id = ${agency_id} and p.id = ${id} for update`)
        return manager.patch(`properties/${id}`, { city: 'Zell' })
      }),
    ),
  ],
}

export const record_triggers: Triggers = { ...records, ...stays, ...repetition, ...locks }
