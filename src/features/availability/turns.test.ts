import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn } from './turns.ts'

test('at most two work on one property at a time, in the order they came, and nobody is lost', async () => {
  const finished: number[] = []
  let running = 0
  let most = 0
  const visitors = Array.from({ length: 50 }, (_, n) =>
    inTurn('agency', 'home', async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      finished.push(n)
    }),
  )
  await Promise.all(visitors)
  assert.equal(most, 2)
  assert.deepEqual(
    finished,
    Array.from({ length: 50 }, (_, n) => n),
  )
})

test('a failure passes the turn on', async () => {
  const failing = Array.from({ length: 5 }, () => inTurn('agency', 'home', () => Promise.reject(new Error('no'))))
  const results = await Promise.allSettled([...failing, inTurn('agency', 'home', async () => 'yes')])
  assert.deepEqual(results.at(-1), { status: 'fulfilled', value: 'yes' })
})

test("another agency's rush for the same id makes nobody wait", async () => {
  const gate = Promise.withResolvers<void>()
  const rush = Array.from({ length: 3 }, () => inTurn('theirs', 'home', () => gate.promise))
  assert.equal(await inTurn('ours', 'home', async () => 'at once'), 'at once')
  gate.resolve()
  await Promise.all(rush)
})
