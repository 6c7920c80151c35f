// X-Forwarded-For counts from proxies the operator named, and from nobody else.
// One engine is enough: nothing of it reaches the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cast } from '../harness.ts'

const stage = await cast()
const store = { ...stage.store, close: async () => {} }

/** The statuses of seven requests that claim to come from as many addresses; an address may make five. */
async function statuses(env: Record<string, string>): Promise<number[]> {
  const { anonymous } = await cast({ store, env: { RATE_LIMIT: '1', ...env } })
  const replies: number[] = []
  for (let n = 1; n <= 7; n++) {
    const headers = { 'x-forwarded-for': `192.0.2.${n}`, forwarded: `for=192.0.2.${n}`, 'x-real-ip': `192.0.2.${n}` }
    replies.push((await anonymous.get('nowhere', headers)).status)
  }
  return replies
}

test('nobody escapes the limit of their address by claiming another one', async () => {
  assert.deepEqual(await statuses({}), [404, 404, 404, 404, 404, 429, 429])
  assert.deepEqual(await statuses({ TRUST_PROXY: '10.0.0.0/8' }), [404, 404, 404, 404, 404, 429, 429])
})

test('behind a proxy that was named, each address has its own limit', async () => {
  assert.deepEqual(await statuses({ TRUST_PROXY: '127.0.0.1' }), [404, 404, 404, 404, 404, 404, 404])
})
