// Imports follow the local day of each property.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf } from '../../../test/import-fixture.ts'
import { dayAfter } from '../../../test/steps.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { localDay } from '../../core/time-zones.ts'
import { deleteBooking } from '../bookings/delete.ts'
import { initialStatus } from './stay-plan.ts'

const { db, importBookings, newAgency, newProperty, rows } = await openImportFixture()

/** 25 hours apart: it is never the same day in both. */
const [east, west] = ['Pacific/Kiritimati', 'Pacific/Pago_Pago']
const header = ['Confirmation code', 'Status', '# of adults', 'Start date', 'End date', 'Listing', 'Earnings']

/** A stay in each property that ends today in the eastern one. */
function stays(status: string): string {
  const today = localDay(new Date().toISOString(), east)
  const row = (code: string, listing: string) => [code, status, '2', dayAfter(today, -3), today, listing, '€100.00']
  return csv(header, row('E', 'East'), row('W', 'West'))
}

async function agencyWithBoth(): Promise<string> {
  const agency_id = await newAgency()
  await newProperty(agency_id, { name: 'East', time_zone: east })
  await newProperty(agency_id, { name: 'West', time_zone: west })
  return agency_id
}

const statuses = (agency_id: string) =>
  rows('select external_code as code, status from bookings where agency_id = $1 order by external_code', agency_id)

test('a stay without a status is over when its last day has come in the zone of its property', async () => {
  const agency_id = await agencyWithBoth()
  assert.equal(outcomesOf(await importBookings(agency_id, stays(''))), 'created 2')
  assert.deepEqual(await statuses(agency_id), [
    { code: 'E', status: 'checked_out' },
    { code: 'W', status: 'confirmed' },
  ])
})

test('a deleted stay is a conflict until it is over in the zone of its property', async () => {
  const agency_id = await agencyWithBoth()
  await importBookings(agency_id, stays('Confirmed'))
  const saved = await rows('select id from bookings where agency_id = $1', agency_id)
  for (const { id } of saved) await db.tenantTx(operatorOf(agency_id), (tx) => deleteBooking(tx, String(id)))
  const report = await importBookings(agency_id, stays('Confirmed'))
  assert.deepEqual([report.skipped, report.conflict], [1, 1])
  assert.match(report.problems[0]?.reason ?? '', /the channel expects W/)
})

test('a status of the file comes before the day', () => {
  const property = { today: '2025-07-08' } as Parameters<typeof initialStatus>[0]['property']
  const cases = [
    ['confirmed', '2025-07-08', 'confirmed'],
    [null, '2025-07-08', 'checked_out'],
    [null, '2025-07-09', 'confirmed'],
  ] as const
  for (const [status, check_out, expected] of cases) {
    const facts = { status, check_out } as Parameters<typeof initialStatus>[0]['facts']
    assert.equal(initialStatus({ facts, property }), expected)
  }
})
