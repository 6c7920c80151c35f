// Proves that an answer is gone when nobody has it any more: what outlives the young generation costs a full collection.
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

test('of a thousand answers of 20 kB less than a quarter outlives the young generation', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const { db } = store
  const ask = () =>
    db.systemRead((tx) =>
      tx.query(sql`select repeat('x', ${row_bytes}::int) as text from generate_series(1, ${rows}::int)`),
    )
  /** How much the old generation grows by during a thousand answers. */
  const growth = async () => {
    let grown = 0
    let before = oldSpaceBytes()
    for (let n = 0; n < 1000; n++) {
      await ask()
      // A full collection in between makes the old generation smaller: only what it grows by counts.
      const now = oldSpaceBytes()
      grown += Math.max(0, now - before)
      before = now
    }
    return grown
  }
  for (let n = 0; n < 300; n++) await ask()
  // What else grows in this process, code that is compiled for one, grows once; answers that stay do so each time.
  const rounds = [await growth(), await growth(), await growth()]
  t.diagnostic(
    `${rounds.map((bytes) => Math.round(bytes / 1000))} bytes of an answer of ${rows * row_bytes} outlived it`,
  )
  assert.ok(Math.min(...rounds) < 1000 * rows * row_bytes * 0.25, `${rounds} bytes`)
})
