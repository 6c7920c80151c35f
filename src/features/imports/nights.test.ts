// Which stays of a group get their nights: exchanges, chains, refusals that refuse others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { groupByNights, packGroups } from './groups.ts'
import { type Move, type Occupant, overlaps, settleMoves } from './nights.ts'

const at = (from: number, to: number, property_id = 'h') => ({
  property_id,
  check_in: String(from).padStart(3, '0'),
  check_out: String(to).padStart(3, '0'),
})
const block = (from: number, to: number): Occupant => ({ kind: 'block', id: 'x', label: null, ...at(from, to) })

test('stays exchange their nights', () => {
  const moves = [
    { key: 'a', from: at(1, 3), to: at(3, 5) },
    { key: 'b', from: at(3, 5), to: at(1, 3) },
  ]
  assert.deepEqual(settleMoves(moves, []), new Map())
})

test('a stay that cannot move keeps its nights, and refuses who wants them', () => {
  const moves = [
    { key: 'c', from: null, to: at(1, 2) },
    { key: 'b', from: at(1, 3), to: at(3, 5) },
    { key: 'a', from: at(3, 5), to: at(6, 8) },
  ]
  const refused = settleMoves(moves, [block(7, 9)])
  assert.deepEqual([...refused.keys()], ['a', 'b', 'c'])
  assert.deepEqual(refused.get('b'), { rival: { key: 'a', ...at(3, 5) } })
})

const stay = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom('h', 'i'))
  .map(([from, nights, property_id]) => at(from, from + nights, property_id))

/** Stays that do not overlap each other. */
const apart = fc
  .array(stay, { maxLength: 8 })
  .map((stays) => stays.filter((one, index) => !stays.slice(0, index).some((other) => overlaps(one, other))))

test('after any moves no two stays overlap, and a refused stay is where it was', () => {
  fc.assert(
    fc.property(
      apart,
      fc.array(fc.option(stay), { minLength: 8, maxLength: 8 }),
      fc.nat(7),
      (places, wanted, fixed) => {
        const occupied = places
          .slice(0, fixed)
          .map((place): Occupant => ({ kind: 'booking', id: 'o', label: null, ...place }))
        const had = places.slice(fixed)
        const moves = wanted.map((to, index): Move => ({ key: `m${index}`, from: had[index] ?? null, to }))
        const refused = settleMoves(moves, occupied)
        const after = moves.flatMap(({ key, from, to }) => (refused.has(key) ? (from ?? []) : (to ?? [])))
        const all = [...occupied, ...after, ...had.slice(moves.length)]
        return all.every((one, index) => !all.slice(0, index).some((other) => overlaps(one, other)))
      },
    ),
  )
})

test('stays in different groups touch no common night', () => {
  const item = fc.array(stay, { maxLength: 2 }).map((nights) => ({ nights }))
  fc.assert(
    fc.property(fc.array(item, { maxLength: 12 }), (items) => {
      const groups = groupByNights(items)
      assert.equal(groups.flat().length, items.length)
      for (const [index, group] of groups.entries()) {
        for (const other of groups.slice(index + 1)) {
          const nights = (of: typeof group) => of.flatMap((one) => one.nights)
          assert.ok(!nights(group).some((one) => nights(other).some((two) => overlaps(one, two))))
        }
      }
    }),
  )
})

test('a group is not divided between transactions', () => {
  assert.deepEqual(packGroups([[1], [2, 3], [4, 5, 6, 7], [8]], 3), [[[1], [2, 3]], [[4, 5, 6, 7]], [[8]]])
  assert.deepEqual(packGroups([], 3), [])
})
