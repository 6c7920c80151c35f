// Proves the circuit breaker: when it opens, how it finds out that it may close, and what it tells meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
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
  const waited_ms = await until(fail)
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

test('on suspicion a probe is made: it opens when it fails twice, and nothing happens when it succeeds', async () => {
  let is_frozen = false
  let probes = 0
  const opened = Promise.withResolvers<boolean>()
  const probe = async () => {
    probes += 1
    if (is_frozen) throw new Error('no answer')
  }
  const breaker = createBreaker({ probe, probes_apart: true, probe_ms: 60_000, onChange: opened.resolve })
  breaker.suspected()
  breaker.suspected()
  assert.equal(probes, 1, 'one for all who suspect')
  await setImmediate()
  assert.equal(breaker.isOpen(), false)
  is_frozen = true
  breaker.suspected()
  assert.equal(await opened.promise, true)
  breaker.suspected()
  assert.deepEqual([probes, breaker.isOpen()], [3, true])
  breaker.stop()
})

test('while the server still answers somebody, a busy pool is no suspicion, and a probe that fails no proof', async () => {
  const failing = Promise.withResolvers<void>()
  let probes = 0
  const probe = async () => {
    probes += 1
    await failing.promise
  }
  const breaker = createBreaker({ probe, probes_apart: true })
  breaker.suspected()
  breaker.succeeded()
  failing.reject(new Error('too late'))
  await setImmediate()
  assert.deepEqual([probes, breaker.isOpen()], [2, false])
  breaker.suspected()
  assert.equal(probes, 2)
})

test('a probe that would wait in the same line as everybody is not asked', async () => {
  let probes = 0
  const breaker = createBreaker({
    probe: async () => {
      probes += 1
    },
  })
  breaker.suspected()
  assert.equal(probes, 0)
})
