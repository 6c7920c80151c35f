// A full queue for connections leaves no unhandled rejection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { addFaultRoutes } from '../../proof/contract/fault-routes.ts'
import { cast } from '../harness.ts'
import { until } from '../until.ts'

const { anonymous, store } = await cast({ extend: (app, { db }) => addFaultRoutes(app, db) })

test('waiters that time out one after the other leave no unhandled rejection', async (t) => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  t.after(() => process.off('unhandledRejection', onUnhandled))

  await until(async () => {
    // After many fast transactions the queue accepts more than two hundred waiters.
    for (let n = 0; n < 500; n += 1) await store.db.systemTx((tx) => tx.query(sql`select 1`))
    const started = performance.now()
    const { status, body } = await anonymous.get('/faults/waiters')
    assert.deepEqual([status, body.error.code], [503, 'POOL_EXHAUSTED'])
    return performance.now() - started > 950
  })
  assert.deepEqual(unhandled, [])
})
