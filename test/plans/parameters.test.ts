// The meaning of a parameter is derived from the statement: its column, or the function argument.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStatement } from './parameters.ts'

const names = {
  tables: new Set(['bookings', 'guests', 'users']),
  functions: new Map([['sign_in_user', ['wanted_email']]]),
}

/** `table.column use` of each parameter, in order. */
function meaningsIn(text: string): string[] {
  const { meanings } = readStatement(text, names)
  return [...meanings]
    .sort(([a], [b]) => a - b)
    .map(([n, { tables, column, use }]) => `$${n} ${tables.join('|')}.${column} ${use}`)
}

test('a parameter belongs to the compared column, through aliases, casts, functions and rows', () => {
  const text = `select b.id from bookings b join guests g on g.id = b.guest_id where b.agency_id = $1::uuid and lower(g.email) = $2
    and (b.check_in, b.id) > ($3, $4) and status = any ($5)`
  assert.deepEqual(meaningsIn(text), [
    '$1 bookings.agency_id compared',
    '$2 guests.email compared',
    '$3 bookings.check_in compared',
    '$4 bookings.id compared',
    '$5 bookings|guests.status compared',
  ])
})

test('a parameter of a subquery does not count for the outer comparison', () => {
  const text = 'select 1 from bookings b where b.guest_id = (select g.id from guests g where g.email = $1)'
  assert.deepEqual(meaningsIn(text), ['$1 guests.email compared'])
})

test('a written value belongs to its column; a parameter that only selects a value does not', () => {
  assert.deepEqual(meaningsIn('insert into guests (id, email) values ($1, lower($2))'), [
    '$1 guests.id inserted',
    '$2 guests.email inserted',
  ])
  assert.deepEqual(meaningsIn('insert into guests (id, email) select $1, $2 from bookings'), [
    '$1 guests.id inserted',
    '$2 guests.email inserted',
  ])
  const update = "update guests g set email = $1, phone = case when $2 then 'x' end where g.id = $3"
  assert.deepEqual(meaningsIn(update), ['$1 guests.email set', '$3 guests.id compared'])
})

test('an argument of our functions is known by its name, a limit by its position', () => {
  assert.deepEqual(meaningsIn('select id from app.sign_in_user($1)'), ['$1 users.email compared'])
  const { counts } = readStatement('select id from guests limit $1 offset $2', names)
  assert.deepEqual([...counts], [1, 2])
})

test('a JSON parameter that is read as rows of a table is known by the table', () => {
  const { rows } = readStatement(
    'insert into guests (id) select r.id from jsonb_populate_recordset(null::guests, $1) as r',
    names,
  )
  assert.deepEqual([...rows], [[1, 'guests']])
})

test('statements without our tables or without a plan are recognised', () => {
  const facts = (text: string) => {
    const { has_plan, touches } = readStatement(text, names)
    return [has_plan, touches]
  }
  assert.deepEqual(facts('select 1 from guests'), [true, true])
  assert.deepEqual(facts('select app.sign_in_user($1)'), [true, true])
  assert.deepEqual(facts('select relname from pg_class'), [true, false])
  assert.deepEqual(facts("select set_config('role', $1, true)"), [true, false])
  assert.equal(facts('do $$ begin perform 1; end $$')[0], false)
})
