// The event of a change is saved with the change or not at all, and the check behind it finds what does not fit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { announce } from '../../core/events/events.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { checkLedger } from './ledger-check.ts'

const { staff, manager, store } = await castPerTest()
const stay = () => ({
  property_id: castProperties.town.id,
  check_in: '2031-02-01',
  check_out: '2031-02-05',
  num_adults: 2,
})

async function eventsOf(id: string): Promise<unknown[]> {
  const { rows } = await store.owner.query("select name, data from pgboss.job where data ->> 'entity_id' = $1", [id])
  return rows
}

async function complaints(id: string): Promise<unknown[]> {
  const { log, lines } = recordingLog()
  await checkLedger(store.db, log, north, id)
  return lines
}

test('each change of a booking leaves one event with its ids and nothing else', async () => {
  const { body } = await staff.post('bookings', stay())
  const event = { name: 'booking.changed', data: { agency_id: north, entity_id: body.id } }
  assert.deepEqual(await eventsOf(body.id), [event])
  assert.equal((await manager.patch(`bookings/${body.id}`, { num_adults: 1 })).status, 200)
  assert.deepEqual(await eventsOf(body.id), [event, event])
  assert.equal((await manager.delete(`bookings/${body.id}`)).status, 204)
  assert.equal((await eventsOf(body.id)).length, 3)
  assert.deepEqual(await complaints(body.id), [])
})

test('a change that is rolled back leaves no event', async () => {
  const id = '00000006-0000-7000-8000-00000000aaaa'
  const work = store.db.tenantTx(operatorOf(north), async (tx) => {
    await announce(tx, 'booking.changed', id)
    throw new Error('no')
  })
  await assert.rejects(work, /no/)
  assert.deepEqual(await eventsOf(id), [])
})

test('a booking whose nights are not in the ledger, or are others, is told to the operator', async () => {
  const { body } = await staff.post('bookings', { ...stay(), check_in: '2031-03-01', check_out: '2031-03-05' })
  assert.deepEqual(await complaints(body.id), [])
  await store.owner.query("update occupancies set during = '[2031-03-01,2031-03-04)' where booking_id = $1", [body.id])
  assert.equal((await complaints(body.id)).length, 1)
  await store.owner.query('delete from occupancies where booking_id = $1', [body.id])
  assert.equal((await complaints(body.id)).length, 1)
})
