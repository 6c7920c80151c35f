// The static audit: the statements that it accepts, and the mistakes that it must report.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mistaken } from './sample-mistakes.ts'
import { filtered, tenantTables } from './sample-statements.ts'
import { auditStatement } from './statement-audit.ts'

const audit = (text: string) => auditStatement(text, tenantTables)

describe('a statement is accepted when every tenant table in it is filtered', () => {
  for (const [name, [text, ...filters]] of Object.entries(filtered)) {
    test(name, () => {
      const { tables, problems } = audit(text)
      assert.deepEqual(problems, [])
      assert.deepEqual(tables.map(({ filter }) => filter).sort(), filters.sort())
    })
  }

  test('statements without tenant tables need no filter', () => {
    for (const text of ['begin', `select set_config('role', $1, true)`, 'select email from users where id = $1', '']) {
      assert.deepEqual(audit(text), { tables: [], problems: [] })
    }
  })
})

describe('each filter of an accepted statement is needed', () => {
  for (const [name, [text]] of Object.entries(filtered)) {
    const places = [...text.matchAll(/agency_id (=) |(=) g\.agency_id|agencies where id (=) /g)]
    for (const [place, match] of places.entries()) {
      test(`${name}: inverting equality ${place + 1} is reported`, () => {
        const at = match.index + match[0].indexOf('=')
        assert.notDeepEqual(audit(`${text.slice(0, at)}<>${text.slice(at + 1)}`).problems, [])
      })
    }
  }
})

describe('a statement without an agency filter is reported', () => {
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
