import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryOf, readSearch } from './search.ts'

test('unknown names and wrong dates are dropped from the address', () => {
  assert.deepEqual(readSearch({ over: 'booking', from: 'soon', to: '2027-06-30', action: '', entity_type: 'guest' }), {
    to: '2027-06-30',
    entity_type: 'guest',
  })
})

test('the last day is included as a whole', () => {
  const query = queryOf({ from: '2027-06-30', to: '2027-06-30', actor_id: 'a' })
  assert.equal(Date.parse(query.created_to ?? '') - Date.parse(query.created_from ?? ''), 86_400_000)
  assert.equal(query.actor_id, 'a')
})
