// The faults raised inside the process stay inside the reply.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { cast } from '../../../../test/harness.ts'
import { until } from '../../../../test/until.ts'
import { provocativeRoutes } from './here.ts'

const { anonymous, store } = await cast({ extend: (app, { db }) => provocativeRoutes(app, db) })

test('a crowd of whom nobody is refused at once gives up one after the other, and somebody hears each of them', async (t) => {
  const unheard: unknown[] = []
  const onUnheard = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', onUnheard)
  t.after(() => process.off('unhandledRejection', onUnheard))

  await until(async () => {
    // A line that moves fast enough takes more than two hundred.
    for (let n = 0; n < 500; n += 1) await store.db.systemTx((tx) => tx.query(sql`select 1`))
    const started = performance.now()
    const { status, body } = await anonymous.get('/provoke/crowd')
    assert.deepEqual([status, body.error.code], [503, 'POOL_EXHAUSTED'])
    return performance.now() - started > 950
  })
  assert.deepEqual(unheard, [])
})
