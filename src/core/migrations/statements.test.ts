// Splitting SQL files into statements, compared with PostgreSQL's parser.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fingerprint, parse } from 'libpg-query'
import { splitStatements } from './statements.ts'

/** The fingerprint of each statement, by PostgreSQL's parser. */
async function parsed(text: string): Promise<string[]> {
  const bytes = Buffer.from(text)
  const { stmts = [] } = await parse(text)
  return Promise.all(
    stmts.map(({ stmt_location = 0, stmt_len = 0 }) =>
      fingerprint(bytes.subarray(stmt_location, stmt_len === 0 ? undefined : stmt_location + stmt_len).toString()),
    ),
  )
}

async function assertMatchesParser(text: string, name = text): Promise<void> {
  const split = await Promise.all(splitStatements(text).map((statement) => fingerprint(statement.text)))
  assert.deepEqual(split, await parsed(text), name)
}

const cases = [
  "select 'a;b', 'it''s; fine', E'\\';', U&'\\0441;', $$;$$, $a$ $$;$$ $b$;$b$ $a$, \"a;b\", 1 as a$b$c; select 2",
  '-- nothing; here\n/* nor; /* nested; */ here; */ select 1; -- end;\n;;\n',
  'create function f(a int) returns int language sql begin atomic select case when a > 0 then 1 else 2 end; select 3; end; select 4',
  'create rule r as on insert to t do also (insert into a values (1); insert into b values (2)); select 5',
  "create function g() returns void language plpgsql as $f$ begin perform 'x'; end $f$; select 6",
  "do $$ begin if true then raise notice 'a;'; end if; end $$; comment on table t is 'end; case'",
  'select 1 as begin, 2 as "end", a.case from a; select 7',
]

describe('splitting a file into statements', () => {
  for (const [index, text] of cases.entries()) {
    test(`agrees with PostgreSQL's parser: ${index + 1}, ${text.slice(0, 40).replaceAll('\n', ' ')}`, () =>
      assertMatchesParser(text))
  }

  test("agrees with PostgreSQL's parser on every migration and rollback of this project", async () => {
    const folders = ['migrations', 'rollbacks'].map((name) => new URL(`../../../supabase/${name}/`, import.meta.url))
    for (const folder of folders) {
      for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql'))) {
        await assertMatchesParser(await readFile(new URL(name, folder), 'utf8'), name)
      }
    }
  })

  test('random statements and gaps are split correctly, with their lines', () => {
    const statement = fc.constantFrom(...cases.slice(1, 6).map((text) => splitStatements(text)[0]?.text ?? ''))
    const gap = fc.constantFrom(' ', '\n', '\n\n', '-- a; b\n', '/* a;\n b */', '/* /* ; */ */ ', "-- it's\n")
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(gap), statement)), (parts) => {
        const text = parts.map(([gaps, sql]) => `${gaps.join('')}${sql};`).join('')
        const split = splitStatements(text)
        assert.deepEqual(
          split.map((found) => found.text),
          parts.map(([, sql]) => sql),
        )
        for (const { text: sql, line } of split) {
          assert.ok(
            text
              .split('\n')
              .slice(line - 1)
              .join('\n')
              .includes(sql),
          )
          assert.ok(text.split('\n')[line - 1]?.includes(sql.split('\n')[0] ?? ''))
        }
      }),
    )
  })

  test('an incomplete statement is passed on, so that the server reports the error', () => {
    assert.equal(splitStatements("select 1; select 'open; select 2")[1]?.text.startsWith("select 'open"), true)
    assert.equal(splitStatements('select (1; select 2').length, 1)
    assert.equal(splitStatements('select 1 /* open; select 2').length, 1)
    assert.deepEqual(splitStatements(' \n-- nothing\n;'), [])
  })

  test('the bare text has no comments, literals or function bodies', () => {
    const [statement] = splitStatements(
      'Create  TABLE "a" ( -- drop column\n b text default \'drop column\', c int /* timestamp */)',
    )
    assert.equal(statement?.bare, "create table a ( b text default '', c int )")
    const [block] = splitStatements('do $$ drop column $$')
    assert.equal(block?.bare, "do ''")
  })
})
