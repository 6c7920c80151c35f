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
  return { clock, pace, end, wait: (waiting: number) => Math.round(pace.behind(waiting) ?? Number.NaN) }
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

test('of a line that has just begun nobody knows how fast it moves, however long nothing was asked before', () => {
  const { clock, end, pace } = paceAt()
  end(5, 500)
  clock.ms += 60_000
  pace.free()
  clock.ms += 100
  assert.equal(pace.behind(200), undefined)
  end(100, 200)
  assert.notEqual(pace.behind(200), undefined)
})
