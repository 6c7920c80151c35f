// An entry that is committed after later ones were sealed gets a later number and is delivered.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { until } from '../../../test/until.ts'
import { operatorOf } from '../auth/actors.ts'
import { recordAudit } from './audit.ts'
import { readSubscriberStates } from './delivery.ts'
import { createRelay } from './relay.ts'
import { sealAudit } from './sealer.ts'

const store = await openTestStore()
after(() => store.close())
const { db } = store
const actor = operatorOf(north)
const got: [seq: number, version: number | null][] = []
const relay = createRelay({
  db,
  log: recordingLog().log,
  lanes: 1,
  subscribers: [
    {
      name: 'test',
      types: ['test.'],
      async handle(_db, _agency_id, events) {
        got.push(...events.map(({ seq, version }) => [seq, version] as [number, number | null]))
      },
    },
  ],
})
relay.start()
after(() => relay.stop())

const record = (version: number, before_commit?: () => Promise<void>) =>
  db.tenantTx(actor, async (tx) => {
    recordAudit(tx, { action: 'test.made', entity_type: 'test', entity_id: players.admin.user_id, version })
    await tx.query(sql`select 1`)
    await before_commit?.()
  })

test('a transaction that stays open while others are sealed is numbered and delivered after them', async () => {
  await until(async () => (await readSubscriberStates(db)).length === 1)
  await record(1, async () => {
    for (const version of [2, 3]) await record(version)
    assert.equal(await sealAudit(db, relay.offer), 2)
    await until(() => got.length === 2)
  })
  await record(4)
  assert.equal(await sealAudit(db, relay.offer), 2)
  await until(() => got.length === 4)
  assert.deepEqual(got, [
    [1, 2],
    [2, 3],
    [3, 1],
    [4, 4],
  ])
})
