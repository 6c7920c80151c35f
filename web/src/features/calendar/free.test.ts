// The number of free homes of a day.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, chunk_days, readAnswer } from './chunk.ts'
import { freeOn } from './free.ts'

const number = 400
const first = number * chunk_days
const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10)

/** Three homes, the last of which is not active. `stays`: index of the home, first day, nights. */
function chunkWith(stays: readonly (readonly [property: number, first_day: number, nights: number])[]) {
  return readAnswer({
    from: dateOf(first),
    to: dateOf(first + chunk_days),
    position: 1,
    is_complete: true,
    removed_property_ids: [],
    properties: { id: ['a', 'b', 'c'], name: ['A', 'B', 'C'], is_active: [true, true, false] },
    occupants: {
      property: stays.map(([property]) => property),
      first_day: stays.map(([, first_day]) => first_day),
      nights: stays.map(([, , nights]) => nights),
    },
  } as unknown as Answer)
}

test('the free homes of a day are those that are active and not taken in its night', () => {
  const stays = [
    [0, first - 3, 5],
    [1, first + 1, 2],
    [2, first + 1, 9],
    [1, first + chunk_days - 1, 4],
  ] as const
  const chunks = new Map([[number, chunkWith(stays)]])
  const free = [0, 1, 2, 3, chunk_days - 1].map((n) => freeOn(chunks, first + n)?.num_free)
  assert.deepEqual(free, [1, 0, 1, 2, 1])
  assert.equal(freeOn(chunks, first)?.num_homes, 2)
})

test('the free homes of a day that is not read are not known', () => {
  assert.equal(freeOn(new Map([[number, chunkWith([])]]), first + chunk_days), undefined)
})
