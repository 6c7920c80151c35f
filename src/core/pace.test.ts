import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

function paceAt() {
  const clock = { ms: 0 }
  const pace = createPace(() => clock.ms)
  /** So many end, one after the other, in so many milliseconds. */
  function end(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      clock.ms += ms / count
      pace.ended()
    }
  }
  return { clock, pace, end }
}

test('the wait is how many are in front, at the pace of late', () => {
  const { pace, end } = paceAt()
  end(1000, 500)
  assert.equal(Math.round(pace.behind(200)), 100)
  end(250, 500)
  assert.equal(Math.round(pace.behind(200)), 400)
  assert.equal(pace.behind(0), 0)
})

test('a pause of a quarter of a second changes nothing, one of half a second is told', () => {
  const { clock, pace, end } = paceAt()
  end(1000, 500)
  clock.ms += 250
  assert.equal(Math.round(pace.behind(200)), 100)
  clock.ms += 250
  assert.equal(pace.behind(200), Number.POSITIVE_INFINITY)
})

test('before anything has ended nobody knows how long it takes', () => {
  assert.equal(paceAt().pace.behind(1), Number.POSITIVE_INFINITY)
})
