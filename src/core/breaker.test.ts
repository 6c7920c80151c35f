import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../test/until.ts'
import { createBreaker } from './breaker.ts'

test('opens after the failures in a row it was told, not before, and not for failures with successes between', () => {
  const breaker = createBreaker({ probe: async () => {}, failures: 3, patience_ms: 0 })
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

test('failures within a second of a success do not open it: a restart is waited out; a longer outage opens it', async () => {
  const breaker = createBreaker({ probe: async () => {} })
  breaker.succeeded()
  const fail = () => {
    for (let n = 0; n < 20; n += 1) breaker.failed()
    return breaker.isOpen()
  }
  assert.equal(fail(), false)
  const waited_ms = await until(fail, 5000)
  assert.ok(waited_ms > 900, `${waited_ms} ms`)
  breaker.stop()
})

test('a service that has heard nothing for long opens at the fifth failure', () => {
  const breaker = createBreaker({ probe: async () => {} })
  for (let n = 0; n < 4; n += 1) breaker.failed()
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
