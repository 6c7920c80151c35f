// The check of the ledger finds what constraints would refuse. The constraints are switched off for it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, south } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { must, stay } from '../../../test/steps.ts'
import type { EventRecord } from '../../core/events/subscriber.ts'
import type { Database } from '../../core/postgres/database.ts'
import { QueryTimeoutError } from '../../core/server-errors.ts'
import { checkLedger, createLedgerSubscriber } from './ledger-check.ts'

const { staff, manager, store } = await castPerTest()
const none = { agencies: 1, nights: 0, bookings: 0, disagreements: 0, findings: [] }
const check = (agency_id = north) => checkLedger(store.db, agency_id)
const book = async (check_in: string): Promise<string> =>
  must(201, await staff.post('bookings', stay(castProperties.town.id, check_in, 4))).body.id

/** Foreign keys are triggers, which do not fire in this mode; as after a faulty restore. */
async function withoutForeignKeys(statement: string): Promise<void> {
  await store.owner.query(`set session_replication_role = replica; ${statement}; reset session_replication_role`)
}

test('bookings that are made, changed, cancelled and deleted agree with the ledger', async () => {
  const ids = [await book('2031-02-01'), await book('2031-02-05'), await book('2031-02-09')]
  must(200, await manager.patch(`bookings/${ids[0]}`, { check_out: '2031-02-04' }))
  must(200, await manager.patch(`bookings/${ids[1]}/status`, { status: 'cancelled' }))
  must(204, await manager.delete(`bookings/${ids[2]}`))
  assert.deepEqual(await check(), none)
  assert.ok((await checkLedger(store.db)).agencies >= 2)
})

const disagreements: Readonly<Record<string, (id: string) => string>> = {
  'other nights': (id) => `update occupancies set during = '[2031-03-01,2031-03-04)' where booking_id = '${id}'`,
  'no nights': (id) => `delete from occupancies where booking_id = '${id}'`,
  'nights of a cancelled booking': (id) =>
    `update bookings set status = 'cancelled', cancelled_at = now() where id = '${id}'`,
}

for (const [title, statement] of Object.entries(disagreements)) {
  test(`a booking with ${title} is a disagreement, in its agency only`, async () => {
    await withoutForeignKeys(statement(await book('2031-03-01')))
    const { findings, ...counts } = await check()
    assert.deepEqual(counts, { agencies: 1, nights: 0, bookings: 0, disagreements: 1 })
    assert.match(findings.join(), /^agency \S+: 0 overlaps of occupancies, 0 of bookings, 1 disagreements$/)
    assert.deepEqual(await check(south), none)
  })
}

test('bookings that overlap are counted although each has an occupancy of other nights', async () => {
  const [first, second] = [await book('2031-04-01'), await book('2031-04-05')]
  await withoutForeignKeys(`update bookings set check_in = '2031-04-03' where id = '${second}'`)
  const { nights, bookings, disagreements: found } = await check()
  assert.deepEqual({ nights, bookings, found }, { nights: 0, bookings: 1, found: 1 }, first)
})

const eventOf = (type: string, entity_id: string | null): EventRecord => {
  const record = { seq: 1, type, entity_type: type.split('.')[0] ?? null, version: 1 }
  return { ...record, entity_id, property_id: null, former_property_id: null }
}

/** The agencies and counts that the subscriber logged for these events. */
async function reported(agency_id: string, events: readonly EventRecord[]): Promise<unknown[]> {
  const { log, lines } = recordingLog()
  await createLedgerSubscriber(log).handle(store.db, agency_id, events)
  return lines.map((line) => [line.agency_id, line.nights, line.disagreements])
}

for (const [title, statement] of Object.entries(disagreements)) {
  test(`the subscriber reports a booking with ${title}, in its agency only`, async () => {
    const [id, other] = [await book('2031-06-01'), await book('2031-06-11')]
    await withoutForeignKeys(statement(id))
    const events = [eventOf('booking.updated', other), eventOf('booking.updated', id)]
    assert.deepEqual(await reported(north, events), [[north, 0, 1]])
    assert.deepEqual(await reported(north, [eventOf('booking.updated', other), eventOf('booking.purged', null)]), [])
    assert.deepEqual(await reported(south, events), [])
  })
}

test('the subscriber reports a block and a hold whose nights overlap those of others', async () => {
  const property_id = castProperties.town.id
  await book('2031-07-01')
  const block = { property_id, start_date: '2031-07-05', end_date: '2031-07-08', reason: 'maintenance' }
  const block_id = must(201, await manager.post('availability/blocks', block)).body.id
  const hold = { property_id, check_in: '2031-07-08', check_out: '2031-07-10' }
  const hold_id = must(201, await manager.post('holds', hold)).body.id
  const changed = [eventOf('block.created', block_id), eventOf('hold.created', hold_id)]
  assert.deepEqual(await reported(north, changed), [])
  await store.owner.query('alter table occupancies drop constraint occupancies_no_overlap')
  await store.owner.query(`update occupancies set during = '[2031-07-04,2031-07-09)' where block_id = '${block_id}'`)
  assert.deepEqual(await reported(north, changed), [[north, 2, 0]])
  assert.deepEqual(await reported(north, [eventOf('hold.created', hold_id)]), [[north, 1, 0]])
})

test('it ends when its signal is aborted', async () => {
  await assert.rejects(checkLedger(store.db, undefined, AbortSignal.abort(new Error('stopped'))), {
    message: 'stopped',
  })
})

test('an agency that takes too long is a finding, and the others are checked', async () => {
  const db: Database = {
    ...store.db,
    tenantRead: (actor, ...rest) =>
      actor.agency_id === north ? Promise.reject(new QueryTimeoutError()) : store.db.tenantRead(actor, ...rest),
  }
  const slow = await checkLedger(db, north)
  assert.deepEqual({ ...slow, findings: slow.findings.length }, { ...none, findings: 1 })
  assert.match(slow.findings[0] ?? '', /not checked, the statement took too long$/)
  const all = await checkLedger(db)
  assert.equal(all.findings.filter((finding) => finding.includes('not checked')).length, 1)
  assert.deepEqual(await checkLedger(db, south), none)
})
