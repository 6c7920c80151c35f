// X-Forwarded-For is read only from configured proxies.
// One engine is enough: this does not reach the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cast } from '../harness.ts'

const fixture = await cast()
const store = { ...fixture.store, close: async () => {} }

/** The statuses of seven requests with seven forwarded addresses; the limit is five per address. */
async function statuses(env: Record<string, string>): Promise<number[]> {
  const { anonymous } = await cast({ store, env: { RATE_LIMIT: '1', ...env } })
  const replies: number[] = []
  for (let n = 1; n <= 7; n++) {
    const headers = { 'x-forwarded-for': `192.0.2.${n}`, forwarded: `for=192.0.2.${n}`, 'x-real-ip': `192.0.2.${n}` }
    replies.push((await anonymous.get('nowhere', headers)).status)
  }
  return replies
}

test("without a configured proxy X-Forwarded-For does not change the rate limit's address", async () => {
  assert.deepEqual(await statuses({}), [404, 404, 404, 404, 404, 429, 429])
  assert.deepEqual(await statuses({ TRUST_PROXY: '10.0.0.0/8' }), [404, 404, 404, 404, 404, 429, 429])
})

test('behind a configured proxy each address has its own limit', async () => {
  assert.deepEqual(await statuses({ TRUST_PROXY: '127.0.0.1' }), [404, 404, 404, 404, 404, 404, 404])
})
