// Bookings from before a booking kept its guest's data: shown, found, changed and rolled back after the upgrade.
// One engine is enough: both are PostgreSQL, and each embedded database applies all migrations.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { fillBoth, ofNorth } from '../../../test/two-agencies.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createMigratorFor } from '../../store.ts'
import { updateGuest } from '../guests/guests.ts'
import { getBooking } from './list.ts'
import { updateBooking } from './update.ts'

const store = await openTestStore()
after(() => store.close())
const { db, owner } = store
const operator = operatorOf(ofNorth.agency_id)
const read = () => db.tenantRead(operator, (tx) => getBooking(tx, ofNorth.booking_id))

test('bookings from before the upgrade show their guest; its rollback keeps bookings and guests', async () => {
  const migrator = createMigratorFor(store)
  await fillBoth(store)
  for (const table of [
    'event_cursors',
    'event_dead_letters',
    'listing_aliases',
    'property_photos',
    'booking_conflicts',
    'channel_bookings',
    'saved_views',
  ]) {
    await owner.query(`delete from ${table}`)
  }
  await migrator.down({ to: '20261130202020' })
  const { rows } = await owner.query('select first_name, last_name, email, phone from guests where id = $1', [
    ofNorth.guest_id,
  ])
  const person = { id: ofNorth.guest_id, ...rows[0], country: null }
  await migrator.up()
  const upgraded = await read()
  assert.deepEqual(upgraded.guest, person)
  await db.tenantTx(operator, (tx) => updateGuest(tx, ofNorth.guest_id, { first_name: 'Renamed' }))
  assert.deepEqual((await read()).guest, { ...person, first_name: 'Renamed' })
  await db.tenantTx(operator, (tx) => updateBooking(tx, ofNorth.booking_id, { guest_id: ofNorth.guest_id }))
  await db.tenantTx(operator, (tx) => updateGuest(tx, ofNorth.guest_id, { first_name: 'Once more' }))
  const kept = await read()
  assert.equal(kept.guest?.first_name, 'Renamed')
  await migrator.down({ to: '20261130202020' })
  await migrator.up()
  const again = await read()
  assert.deepEqual(again, { ...kept, guest: { ...kept.guest, first_name: 'Once more' } })
})
