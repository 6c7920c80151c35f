// A read is a scan unless an index supports exactly the given filters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type IndexedFilters, readCost } from './read-cost.ts'

const served: IndexedFilters = { sets: [[], ['kind', 'id']], ranges: ['from', 'to'], unique: ['email'] }
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

test('the list without filters is a scan unless the empty set is indexed', () => {
  assert.equal(readCost({ sets: [['id']] }, {}), 'scan')
})
