// The expected wait in a queue, from the rate of ended transactions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDrainRate } from './drain-rate.ts'

function rateAt() {
  const clock = { ms: 0 }
  const rate = createDrainRate(() => clock.ms)
  /** `count` transactions end at regular intervals in `ms` milliseconds. */
  function end(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      clock.ms += ms / count
      rate.recordEnd()
    }
  }
  return { clock, rate, end, wait: (waiting: number) => Math.round(rate.wait_ms(waiting)) }
}

test('the wait is the queue length divided by the rate of the last window', () => {
  const { end, wait } = rateAt()
  end(1000, 500)
  assert.equal(wait(200), 100)
  end(250, 500)
  assert.equal(wait(200), 400)
})

test('a pause of 250 ms does not change the rate, a pause of 500 ms does', () => {
  const { clock, end, wait, rate } = rateAt()
  end(1000, 500)
  clock.ms += 250
  assert.equal(wait(200), 100)
  clock.ms += 250
  assert.equal(rate.wait_ms(200), Number.POSITIVE_INFINITY)
})

test('the wait is Infinity for the first 50 ms; that of an empty queue is 0', () => {
  const { clock, end, rate, wait } = rateAt()
  assert.deepEqual([rate.wait_ms(200), rate.wait_ms(0)], [Number.POSITIVE_INFINITY, 0])
  end(40, 40)
  assert.equal(rate.wait_ms(200), Number.POSITIVE_INFINITY)
  clock.ms += 10
  assert.equal(wait(200), 250)
})

test('after a long idle time the rate of the current window counts', () => {
  const { end, wait } = rateAt()
  end(5, 60_000)
  end(100, 50)
  assert.equal(wait(200), 100)
})
