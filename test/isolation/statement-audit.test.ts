// What the static audit lets pass, and every way of forgetting an agency that it must catch.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mistaken } from './sample-mistakes.ts'
import { filtered, tenantTables } from './sample-statements.ts'
import { auditStatement } from './statement-audit.ts'

const audit = (text: string) => auditStatement(text, tenantTables)

describe('a statement passes when every tenant table in it is filtered', () => {
  for (const [name, [text, ...filters]] of Object.entries(filtered)) {
    test(name, () => {
      const { tables, problems } = audit(text)
      assert.deepEqual(problems, [])
      assert.deepEqual(tables.map(({ filter }) => filter).sort(), filters.sort())
    })
  }

  test('statements without tenant tables have nothing to filter', () => {
    for (const text of ['begin', `select set_config('role', $1, true)`, 'select email from users where id = $1', '']) {
      assert.deepEqual(audit(text), { tables: [], problems: [] })
    }
  })
})

describe('each filter that passes is needed', () => {
  for (const [name, [text]] of Object.entries(filtered)) {
    const places = [...text.matchAll(/agency_id (=) |(=) g\.agency_id|agencies where id (=) /g)]
    for (const [place, match] of places.entries()) {
      test(`${name}: turning equality ${place + 1} around is caught`, () => {
        const at = match.index + match[0].indexOf('=')
        assert.notDeepEqual(audit(`${text.slice(0, at)}<>${text.slice(at + 1)}`).problems, [])
      })
    }
  }
})

describe('a statement that forgets an agency is caught', () => {
  for (const [name, [text, problem]] of Object.entries(mistaken)) {
    test(name, () => {
      const { problems } = audit(text)
      assert.ok(
        problems.some((found) => problem.test(found)),
        `${problem} in ${JSON.stringify(problems)}`,
      )
    })
  }
})
