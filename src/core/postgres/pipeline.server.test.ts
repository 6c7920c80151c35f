// Query results do not reach the old generation of the heap, where they would need a full GC.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapSpaceStatistics } from 'node:v8'
import sql from 'sql-template-tag'
import { openTestStore } from '../../../test/engines.ts'

const rows = 20
const row_bytes = 1000

function oldSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? Number.NaN
}

test('less than a quarter of 1,000 results of 20 kB reaches the old generation', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const { db } = store
  const query = () =>
    db.systemRead((tx) =>
      tx.query(sql`select repeat('x', ${row_bytes}::int) as text from generate_series(1, ${rows}::int)`),
    )
  /** The growth of the old generation in bytes during 1,000 queries. */
  const growth = async () => {
    let grown = 0
    let before = oldSpaceBytes()
    for (let n = 0; n < 1000; n++) {
      await query()
      // A full GC makes the old generation smaller, so only growth is counted.
      const now = oldSpaceBytes()
      grown += Math.max(0, now - before)
      before = now
    }
    return grown
  }
  for (let n = 0; n < 300; n++) await query()
  // Other growth, for example of compiled code, happens once; retained results would grow in every round.
  const rounds = [await growth(), await growth(), await growth()]
  t.diagnostic(
    `${rounds.map((bytes) => Math.round(bytes / 1000))} bytes of a result of ${rows * row_bytes} reached the old generation`,
  )
  assert.ok(Math.min(...rounds) < 1000 * rows * row_bytes * 0.25, `${rounds} bytes`)
})
