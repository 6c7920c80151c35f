// The rule for statements of owners: which are accepted, and which are reported.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../engines.ts'
import { findOwnerProblem, ownedTables } from './owner-rule.ts'

const store = await openTestStore()
after(() => store.close())

const accepted = {
  'a comparison with the owner': 'select p.id from properties p where p.agency_id = $1 and p.owner_id = $2',
  'a join with own properties':
    'select b.id from bookings b join properties p on p.agency_id = b.agency_id and p.id = b.property_id where b.agency_id = $1 and p.owner_id = $2',
  'a subquery of own properties':
    'select b.id from bookings b where b.agency_id = $1 and b.property_id in (select p.id from properties p where p.agency_id = $1 and p.owner_id = $2)',
  'the function of the policies':
    'select b.id from bookings b where b.agency_id = $1 and b.property_id = any ((select app.own_properties())::uuid[])',
  'a change of a row found before': 'delete from blocks k where k.agency_id = $1 and k.id = $2',
  'a table without owners': 'select g.id from guests g where g.agency_id = $1',
}
for (const [name, text] of Object.entries(accepted)) {
  test(`accepted: ${name}`, () => assert.equal(findOwnerProblem(text, tablesOf(text)), undefined))
}

const reported = {
  'no comparison': 'select p.id from properties p where p.agency_id = $1',
  'the comparison in an OR':
    'select p.id from properties p where p.agency_id = $1 and (p.owner_id = $2 or p.is_active)',
  'the comparison as a column': 'select p.id, p.owner_id = $2 as is_own from properties p where p.agency_id = $1',
  'another operator': 'select p.id from properties p where p.agency_id = $1 and p.owner_id <> $2',
  'the nights of all properties': 'select o.during from occupancies o where o.agency_id = $1',
}
for (const [name, text] of Object.entries(reported)) {
  test(`reported: ${name}`, () =>
    assert.match(findOwnerProblem(text, tablesOf(text)) ?? '', /does not filter by owner/))
}

test('the rule is for the tables with a policy for owners', async () => {
  const { rows } = await store.owner.query(
    "select tablename::text as name from pg_policies where policyname = 'owner_scope' order by 1",
  )
  assert.deepEqual(
    rows.map(({ name }) => name),
    ownedTables,
  )
})

function tablesOf(text: string): string[] {
  return [...text.matchAll(/(?:from|join) (\w+)/g)].map(([, name = '']) => name)
}
