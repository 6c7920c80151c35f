// Proves that a line is judged by how long one stands in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

function paceAt() {
  const clock = { ms: 0 }
  const pace = createPace(() => clock.ms)
  /** So many leave the line, one after the other, in so many milliseconds. */
  function end(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      clock.ms += ms / count
      pace.ended()
    }
  }
  return { clock, pace, end, wait: (waiting: number) => Math.round(pace.behind(waiting)) }
}

test('the wait is how many are in front, at the pace of late', () => {
  const { end, wait } = paceAt()
  end(1000, 500)
  assert.equal(wait(200), 100)
  end(250, 500)
  assert.equal(wait(200), 400)
})

test('a pause of a quarter of a second changes nothing, one of half a second is told', () => {
  const { clock, end, wait, pace } = paceAt()
  end(1000, 500)
  clock.ms += 250
  assert.equal(wait(200), 100)
  clock.ms += 250
  assert.equal(pace.behind(200), Number.POSITIVE_INFINITY)
})

test('before anything has ended nobody knows, and a twentieth of a second later one does; nobody in front is no wait', () => {
  const { clock, end, pace, wait } = paceAt()
  assert.deepEqual([pace.behind(200), pace.behind(0)], [Number.POSITIVE_INFINITY, 0])
  end(40, 40)
  assert.equal(pace.behind(200), Number.POSITIVE_INFINITY)
  clock.ms += 10
  assert.equal(wait(200), 250)
})

test('a line that begins after a quiet night is judged by what ends then, not by how little was asked before', () => {
  const { end, wait } = paceAt()
  end(5, 60_000)
  end(100, 50)
  assert.equal(wait(200), 100)
})
