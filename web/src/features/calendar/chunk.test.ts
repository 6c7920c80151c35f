// Changes that arrive with `since` leave the same calendar as reading it again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, applyChanges, readAnswer } from './chunk.ts'

interface Home {
  readonly id: string
  readonly name: string
  readonly stays: readonly number[]
}

/** The answer of the API for these homes, by name. */
function answerOf(homes: readonly Home[], more: Partial<Answer> = {}): Answer {
  const sorted = homes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const stays = sorted.flatMap(({ stays, id }, property) => stays.map((first_day) => ({ property, first_day, id })))
  return {
    from: '2027-01-01',
    to: '2027-02-26',
    position: 1,
    is_complete: true,
    removed_property_ids: [],
    properties: { id: sorted.map(({ id }) => id), name: sorted.map(({ name }) => name) },
    occupants: {
      property: stays.map(({ property }) => property),
      first_day: stays.map(({ first_day }) => first_day),
      nights: stays.map(() => 2),
      id: stays.map(({ id, first_day }) => `${id}-${first_day}`),
    },
    conflicts: { property: [], first_day: [], nights: [], id: [] },
    ...more,
  } as unknown as Answer
}

/** What is shown: each home with its stays. */
function shown(chunk: ReturnType<typeof readAnswer>): unknown {
  return chunk.homes.id.map((id, n) => [
    id,
    chunk.homes.name[n],
    chunk.occupants.first_day.slice(chunk.starts[n], chunk.starts[n + 1]),
  ])
}

const homes: readonly Home[] = [
  { id: 'a', name: 'Alm', stays: [1, 5] },
  { id: 'b', name: 'Berg', stays: [] },
  { id: 'c', name: 'Chalet', stays: [3] },
]

const cases: readonly [what: string, after: readonly Home[], changed: readonly string[], removed: readonly string[]][] =
  [
    ['nothing', homes, [], []],
    ['a stay more', homes.map((h) => (h.id === 'b' ? { ...h, stays: [7, 9] } : h)), ['b'], []],
    ['a stay less', homes.map((h) => (h.id === 'a' ? { ...h, stays: [5] } : h)), ['a'], []],
    [
      'a stay moved between homes',
      [{ ...homes[0], stays: [5] }, homes[1], { ...homes[2], stays: [1, 3] }] as Home[],
      ['a', 'c'],
      [],
    ],
    ['a home removed', homes.slice(1), [], ['a']],
    ['a home new in the middle', [...homes, { id: 'd', name: 'Bude', stays: [2] }], ['d'], []],
    ['a home renamed to the end', homes.map((h) => (h.id === 'a' ? { ...h, name: 'Zelt' } : h)), ['a'], []],
  ]

for (const [what, after, changed, removed] of cases) {
  test(`changes lead to the calendar that a full read gives: ${what}`, () => {
    const change = answerOf(
      after.filter(({ id }) => changed.includes(id)),
      { is_complete: false, removed_property_ids: [...removed], position: 2 },
    )
    const merged = applyChanges(readAnswer(answerOf(homes)), change)
    assert.deepEqual(shown(merged), shown(readAnswer(answerOf(after))))
    assert.equal(merged.position, 2)
    for (const [id, n] of merged.index_of) assert.equal(merged.homes.id[n], id)
  })
}

test('an answer that is complete replaces everything', () => {
  const merged = applyChanges(readAnswer(answerOf(homes)), answerOf(homes.slice(2), { position: 9 }))
  assert.deepEqual(shown(merged), shown(readAnswer(answerOf(homes.slice(2)))))
})
