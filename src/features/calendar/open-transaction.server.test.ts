// Tests the ETag of the calendar beside an open transaction, which needs a second connection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { must, stay } from '../../../test/steps.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { sealAudit } from '../../core/events/sealer.ts'

const { staff, store } = await castPerTest()
const { db } = store
const july = 'calendar?from=2032-07-01&to=2032-07-31'

const tagOf = async () => String(must(200, await staff.get(july)).headers.etag)
const isKnown = async (tag: string) => (await staff.get(july, { 'if-none-match': tag })).status === 304

test('a change of a transaction that was open while others were sealed changes the tag', async () => {
  // Before its first run it is not known which entries have no seal.
  await sealAudit(db)
  let first = ''
  await db.tenantTx(operatorOf(north), async (tx) => {
    recordAudit(tx, { action: 'test.made', entity_type: 'test', entity_id: players.admin.user_id })
    await tx.requireActor()
    must(201, await staff.post('bookings', stay(castProperties.lake.id, '2032-07-01')))
    await sealAudit(db)
    first = await tagOf()
    assert.ok(await isKnown(first))
  })
  assert.ok(!(await isKnown(first)))
  const second = await tagOf()
  await sealAudit(db)
  assert.ok(await isKnown(second))
})
