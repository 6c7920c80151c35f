// Changes that arrive with `since` leave the same calendar as reading it again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, mergeAnswer, newerOf, readAnswer } from './chunk.ts'

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
    const merged = mergeAnswer(readAnswer(answerOf(homes)), 1, change)
    assert.deepEqual(shown(merged), shown(readAnswer(answerOf(after))))
    assert.equal(merged.position, 2)
    for (const [id, n] of merged.index_of) assert.equal(merged.homes.id[n], id)
  })
}

test('an answer that is complete replaces everything', () => {
  const merged = mergeAnswer(readAnswer(answerOf(homes)), 1, answerOf(homes.slice(2), { position: 9 }))
  assert.deepEqual(shown(merged), shown(readAnswer(answerOf(homes.slice(2)))))
})

/** An answer with `since` in which the home `a` has one stay on this day. */
const changeTo = (first_day: number, position: number) =>
  answerOf([{ id: 'a', name: 'Alm', stays: [first_day] }], { is_complete: false, position })

test('an older answer that arrives after a newer one changes nothing', () => {
  const newest = mergeAnswer(readAnswer(answerOf(homes)), 1, changeTo(30, 3))
  assert.equal(mergeAnswer(newest, 1, changeTo(20, 2)), newest)
  assert.equal(mergeAnswer(newest, 1, answerOf(homes, { position: 2 })), newest)
})

test('a newer answer that was asked for before an older one arrived is applied', () => {
  const merged = mergeAnswer(mergeAnswer(readAnswer(answerOf(homes)), 1, changeTo(20, 2)), 1, changeTo(30, 3))
  assert.deepEqual(
    [merged.position, shown(merged)],
    [3, shown(mergeAnswer(readAnswer(answerOf(homes)), 1, changeTo(30, 3)))],
  )
})

test('an answer that begins after the position of the chunk is dropped, as it lacks changes', () => {
  const chunk = readAnswer(answerOf(homes))
  assert.equal(mergeAnswer(chunk, 2, changeTo(30, 3)), chunk)
})

test('after a restored backup a complete answer with a lower position replaces the chunk', () => {
  const chunk = readAnswer(answerOf(homes, { position: 9 }))
  assert.equal(mergeAnswer(chunk, 9, answerOf(homes, { position: 4 })).position, 4)
})

test('a full read that is older than the changes that were read meanwhile is dropped', () => {
  const [old, recent] = [readAnswer(answerOf(homes)), readAnswer(answerOf(homes, { position: 5 }))]
  assert.equal(newerOf(recent, old), recent)
  assert.equal(newerOf(old, recent), recent)
  assert.equal(newerOf(undefined, old), old)
})
