// Proves the circuit breaker: when it opens, how it finds out that it may close, and what it tells meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBreaker } from './breaker.ts'

test('opens after the failures in a row it was told, not before, and not for failures with successes between', () => {
  const breaker = createBreaker({ probe: async () => {}, failures: 3 })
  breaker.failed()
  breaker.failed()
  breaker.succeeded()
  breaker.failed()
  breaker.failed()
  assert.equal(breaker.isOpen(), false)
  breaker.failed()
  assert.equal(breaker.isOpen(), true)
  breaker.stop()
})

test('a success of a request that was under way does not close an open breaker', () => {
  const breaker = createBreaker({ probe: async () => {}, failures: 1 })
  breaker.failed()
  breaker.succeeded()
  assert.equal(breaker.isOpen(), true)
  breaker.stop()
})

test('probes until one succeeds, then closes and says so once', async () => {
  const seen: boolean[] = []
  let probes = 0
  const closed = Promise.withResolvers<void>()
  const breaker = createBreaker({
    failures: 1,
    probe_ms: 1,
    probe: async () => {
      probes += 1
      if (probes < 3) throw new Error('still down')
    },
    onChange: (is_open) => {
      seen.push(is_open)
      if (!is_open) closed.resolve()
    },
  })
  const keepAlive = setInterval(() => {}, 1000)
  breaker.failed()
  breaker.failed()
  await closed.promise
  clearInterval(keepAlive)
  assert.deepEqual(seen, [true, false])
  assert.equal(probes, 3)
  assert.equal(breaker.isOpen(), false)
})

test('a probe that keeps failing says why at once, and again only when that was long ago', async () => {
  for (const [remind_ms, expected] of [
    [undefined, ['wrong password 1']],
    [0, ['wrong password 1', 'wrong password 2', 'wrong password 3']],
  ] as const) {
    const told: string[] = []
    let probes = 0
    const closed = Promise.withResolvers<void>()
    const breaker = createBreaker({
      failures: 1,
      probe_ms: 1,
      probe: async () => {
        probes += 1
        if (probes <= 3) throw new Error(`wrong password ${probes}`)
      },
      onChange: (is_open) => is_open || closed.resolve(),
      onStillDown: (reason) => told.push((reason as Error).message),
      ...(remind_ms !== undefined && { remind_ms }),
    })
    const keepAlive = setInterval(() => {}, 1000)
    breaker.failed()
    await closed.promise
    clearInterval(keepAlive)
    assert.deepEqual(told, expected)
  }
})
