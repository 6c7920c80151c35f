// A read is a scan unless an index serves just the filters that are given.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCost, type ServedFilters } from './read-cost.ts'

const served: ServedFilters = { sets: [[], ['kind', 'id']], ranges: ['from', 'to'], unique: ['email'] }
const cases: readonly (readonly [query: object, cost: string])[] = [
  [{}, 'indexed'],
  [{ limit: 50, cursor: 'c', sort: '-x', kind: undefined }, 'indexed'],
  [{ from: 'a' }, 'indexed'],
  [{ from: 'a', to: 'b' }, 'indexed'],
  [{ kind: 'k', id: 'i', to: 'b' }, 'indexed'],
  [{ email: 'e', q: 'text' }, 'indexed'],
  [{ kind: 'k' }, 'scan'],
  [{ id: 'i' }, 'scan'],
  [{ q: 'text' }, 'scan'],
  [{ kind: 'k', id: 'i', q: 'text' }, 'scan'],
  [{ is_active: false }, 'scan'],
]

for (const [query, cost] of cases) {
  test(`${JSON.stringify(query)} is ${cost}`, () => assert.equal(readCost(served, query), cost))
}

test('without a set for the list itself, the list is a scan', () => {
  assert.equal(readCost({ sets: [['id']] }, {}), 'scan')
})
