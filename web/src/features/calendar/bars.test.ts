// The bars of a home.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bar, barsOf, hasExpired, nextExpiry } from './bars.ts'
import { type Answer, readAnswer } from './chunk.ts'

interface Occupant {
  readonly id: string
  readonly first_day: number
  readonly version: number
  readonly expires_at?: string
}

/** A chunk with these in the home `a`. */
function chunkWith(occupants: readonly Occupant[]) {
  return readAnswer({
    from: '2027-01-01',
    to: '2027-02-26',
    position: 1,
    is_complete: true,
    removed_property_ids: [],
    properties: { id: ['a'], name: ['A'], is_active: [true], time_zone: ['UTC'] },
    occupants: {
      property: occupants.map(() => 0),
      first_day: occupants.map(({ first_day }) => first_day),
      nights: occupants.map(() => 3),
      kind: occupants.map(({ expires_at }) => (expires_at === undefined ? 'booking' : 'hold')),
      id: occupants.map(({ id }) => id),
      version: occupants.map(({ version }) => version),
      expires_at: occupants.map(({ expires_at }) => expires_at ?? null),
    },
  } as unknown as Answer)
}

test('a stay that is in two chunks is one bar, in its later version', () => {
  const [before, after] = [
    chunkWith([{ id: 'x', first_day: 100, version: 1 }]),
    chunkWith([{ id: 'x', first_day: 104, version: 2 }]),
  ]
  for (const chunks of [
    [before, after],
    [after, before],
  ])
    assert.deepEqual(
      barsOf(chunks, 'a').map(({ first_day, version }) => [first_day, version]),
      [[104, 2]],
    )
})

test('a hold has expired from its last moment on, and other bars never do', () => {
  assert.deepEqual(
    [999, 1000, 1001].map((expires_at) => hasExpired({ expires_at } as Bar, 1000)),
    [true, true, false],
  )
  assert.equal(hasExpired({ expires_at: undefined } as Bar, 1000), false)
})

test('the next expiry is the first one that is still to come', () => {
  const time = (minute: number) => new Date(Date.UTC(2027, 0, 1, 12, minute))
  const holds = [20, 5, 10].map((minute) => ({
    id: `h${minute}`,
    first_day: 100 + minute,
    version: 1,
    expires_at: time(minute).toISOString(),
  }))
  const chunks = [chunkWith([{ id: 'x', first_day: 100, version: 1 }, ...holds])]
  assert.equal(nextExpiry(chunks, time(5).getTime()), time(10).getTime())
  assert.equal(nextExpiry(chunks, time(20).getTime()), undefined)
})
