// SQL fragments: checked names, parameters, and escaped wildcards.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { all, assignments, columns, containsPattern } from './sql.ts'

test('column names that are not plain identifiers throw', () => {
  assert.equal(columns(['id', 'name'], 'p.').sql, 'p.id, p.name')
  for (const name of ['id; drop table x', 'a b', '"x"', 'a--', 'A', '']) {
    assert.throws(() => columns([name]), /not a column name/)
    assert.throws(() => assignments({ [name]: 1 }), /not a column name/)
  }
})

test('values are always parameters', () => {
  const { text, values } = sql`update t set ${assignments({ a: "'; drop table t", b: null, c: undefined })}`
  assert.equal(text, 'update t set a = $1,b = $2')
  assert.deepEqual(values, ["'; drop table t", null])
})

test('undefined conditions are left out', () => {
  assert.equal(all(sql`a = ${1}`, undefined, sql`b = ${2}`).text, 'a = $1 and b = $2')
})

test('wildcards in a search text are escaped', () => {
  assert.equal(containsPattern('50%_\\'), '%50\\%\\_\\\\%')
})
