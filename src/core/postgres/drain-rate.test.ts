// Proves that a queue is judged by how long one waits in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDrainRate } from './drain-rate.ts'

function rateAt() {
  const clock = { ms: 0 }
  const rate = createDrainRate(() => clock.ms)
  /** So many leave the queue, one after the other, in so many milliseconds. */
  function end(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      clock.ms += ms / count
      rate.ended()
    }
  }
  return { clock, rate, end, wait: (waiting: number) => Math.round(rate.wait_ms(waiting)) }
}

test('the wait is how many are in front, at the rate of the last window', () => {
  const { end, wait } = rateAt()
  end(1000, 500)
  assert.equal(wait(200), 100)
  end(250, 500)
  assert.equal(wait(200), 400)
})

test('a pause of a quarter of a second changes nothing, one of half a second does', () => {
  const { clock, end, wait, rate } = rateAt()
  end(1000, 500)
  clock.ms += 250
  assert.equal(wait(200), 100)
  clock.ms += 250
  assert.equal(rate.wait_ms(200), Number.POSITIVE_INFINITY)
})

test('the wait is unknown until something has ended and 50 ms have passed; an empty queue has none', () => {
  const { clock, end, rate, wait } = rateAt()
  assert.deepEqual([rate.wait_ms(200), rate.wait_ms(0)], [Number.POSITIVE_INFINITY, 0])
  end(40, 40)
  assert.equal(rate.wait_ms(200), Number.POSITIVE_INFINITY)
  clock.ms += 10
  assert.equal(wait(200), 250)
})

test('a queue that begins after a quiet hour is judged by what ends then', () => {
  const { end, wait } = rateAt()
  end(5, 60_000)
  end(100, 50)
  assert.equal(wait(200), 100)
})
