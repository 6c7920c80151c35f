// The circuit breaker: when it opens, when it closes, and what it reports.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { type BreakerOptions, createBreaker } from './breaker.ts'

test('opens after the configured number of failures without a success between them', () => {
  const breaker = createBreaker({ probe: async () => {}, failures: 3, silence_ms: 0 })
  breaker.recordFailure()
  breaker.recordFailure()
  breaker.recordSuccess()
  breaker.recordFailure()
  breaker.recordFailure()
  assert.equal(breaker.isOpen(), false)
  breaker.recordFailure()
  assert.equal(breaker.isOpen(), true)
  breaker.stop()
})

test('failures within a second of a success do not open it; later ones do', async () => {
  const breaker = createBreaker({ probe: async () => {} })
  breaker.recordSuccess()
  const fail = () => {
    for (let n = 0; n < 20; n += 1) breaker.recordFailure()
    return breaker.isOpen()
  }
  assert.equal(fail(), false)
  const waited_ms = await until(fail)
  assert.ok(waited_ms > 900, `${waited_ms} ms`)
  breaker.stop()
})

test('opens at the fifth failure when nothing has succeeded before', () => {
  const breaker = createBreaker({ probe: async () => {} })
  for (let n = 0; n < 4; n += 1) breaker.recordFailure()
  assert.equal(breaker.isOpen(), false)
  breaker.recordFailure()
  assert.equal(breaker.isOpen(), true)
  breaker.stop()
})

test('a success of an earlier request does not close an open breaker', () => {
  const breaker = createBreaker({ probe: async () => {}, failures: 1 })
  breaker.recordFailure()
  breaker.recordSuccess()
  assert.equal(breaker.isOpen(), true)
  breaker.stop()
})

/** A breaker that has opened, its probes, and the state changes until it closes: the first `failing` probes fail. */
async function closeAfter(failing: number, more: Partial<BreakerOptions> = {}) {
  const states: boolean[] = []
  let probes = 0
  const closed = Promise.withResolvers<void>()
  const breaker = createBreaker({
    failures: 1,
    probe_ms: 1,
    probe: async () => {
      probes += 1
      if (probes <= failing) throw new Error(`wrong password ${probes}`)
    },
    onChange: (is_open) => {
      states.push(is_open)
      if (!is_open) closed.resolve()
    },
    ...more,
  })
  const keepAlive = setInterval(() => {}, 1000)
  breaker.recordFailure()
  breaker.recordFailure()
  await closed.promise
  clearInterval(keepAlive)
  return { states, probes, is_open: breaker.isOpen() }
}

test('probes until one succeeds, then closes and calls onChange once', async () => {
  assert.deepEqual(await closeAfter(2), { states: [true, false], probes: 3, is_open: false })
})

test('onStillDown is called at the first failed probe and then at the reminder interval', async () => {
  for (const [more, expected] of [
    [{}, ['wrong password 1']],
    [{ reminder_interval_ms: 0 }, ['wrong password 1', 'wrong password 2', 'wrong password 3']],
  ] as const) {
    const reasons: string[] = []
    await closeAfter(3, { ...more, onStillDown: (reason) => reasons.push((reason as Error).message) })
    assert.deepEqual(reasons, expected)
  }
})

test('a saturated pool starts a probe; the breaker opens when it fails twice', async () => {
  let is_frozen = false
  let probes = 0
  const opened = Promise.withResolvers<boolean>()
  const probe = async () => {
    probes += 1
    if (is_frozen) throw new Error('no answer')
  }
  const breaker = createBreaker({ probe, has_own_connection: true, probe_ms: 60_000, onChange: opened.resolve })
  breaker.recordSaturation()
  breaker.recordSaturation()
  assert.equal(probes, 1, 'one probe for all calls')
  await setImmediate()
  assert.equal(breaker.isOpen(), false)
  is_frozen = true
  breaker.recordSaturation()
  assert.equal(await opened.promise, true)
  breaker.recordSaturation()
  assert.deepEqual([probes, breaker.isOpen()], [3, true])
  breaker.stop()
})

test('a saturated pool does not open the breaker while requests still succeed', async () => {
  const failing = Promise.withResolvers<void>()
  let probes = 0
  const probe = async () => {
    probes += 1
    await failing.promise
  }
  const breaker = createBreaker({ probe, has_own_connection: true })
  breaker.recordSaturation()
  breaker.recordSuccess()
  failing.reject(new Error('too late'))
  await setImmediate()
  assert.deepEqual([probes, breaker.isOpen()], [2, false])
  breaker.recordSaturation()
  assert.equal(probes, 2)
})

test('a saturated pool starts no probe that uses the same pool', async () => {
  let probes = 0
  const breaker = createBreaker({
    probe: async () => {
      probes += 1
    },
  })
  breaker.recordSaturation()
  assert.equal(probes, 0)
})
