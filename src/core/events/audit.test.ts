// The order of audit entries within a transaction.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sql from 'sql-template-tag'
import { castProperties, north, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { recordAudit } from './audit.ts'

const store = await openTestStore()
after(() => store.close())

test('the ids of the entries of one transaction are in recording order', async () => {
  const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const
  const numbers = Array.from({ length: 500 }, (_, n) => n)
  const recorded = await store.db.tenantTx(actor, async (tx) => {
    for (const n of numbers) {
      recordAudit(tx, { action: 'test.counted', entity_type: 'test', entity_id: castProperties.town.id, after: { n } })
    }
    return tx.query<{ after: { n: number } }>(sql`
      select a.after from audit_log a where a.agency_id = ${tx.agency_id} and a.action = 'test.counted' order by a.id`)
  })
  assert.deepEqual(
    recorded.map(({ after }) => after.n),
    numbers,
  )
})
