// Tests the comparison of HEAD with GET on replies of a busy service.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller, HttpReply } from './caller.ts'
import { headParity } from './head-parity.ts'

/** Compares on a service whose first replies have these statuses, and whose later ones are 200. */
async function compare(statuses: readonly number[]) {
  const left = [...statuses]
  const sent: string[] = []
  const request = async (method: string, path: string): Promise<HttpReply> => {
    sent.push(`${method} ${path}`)
    return { status: left.shift() ?? 200, headers: { 'x-request-id': 'one' }, text: '' }
  }
  const anonymous = { request } as Caller
  const { problems } = await headParity({ anonymous, origin: { port: 1 } as never, bearing: () => anonymous })
  return { problems, num_sent: sent.length }
}

test('HEAD and GET are compared again when only a busy service gave one of them another status', async () => {
  assert.deepEqual(await compare([]), { problems: [], num_sent: 6 })
  for (const status of [408, 429, 503]) {
    assert.deepEqual(await compare([status, 200]), { problems: [], num_sent: 8 })
    assert.deepEqual(await compare([200, status, status, 200]), { problems: [], num_sent: 10 })
  }
})

test('another difference is reported at once, and a busy service after five attempts', async () => {
  const problem = (status: number) => [`HEAD /health/live: status 200 instead of ${status}`]
  assert.deepEqual(await compare([404, 200]), { problems: problem(404), num_sent: 6 })
  const busy = Array(5).fill([503, 200]).flat()
  assert.deepEqual(await compare(busy), { problems: problem(503), num_sent: 14 })
})
