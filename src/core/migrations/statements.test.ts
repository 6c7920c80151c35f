import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fingerprint, parse } from 'libpg-query'
import { splitStatements } from './statements.ts'

/** What PostgreSQL's own parser makes of the text, as one fingerprint per statement. */
async function parsed(text: string): Promise<string[]> {
  const bytes = Buffer.from(text)
  const { stmts = [] } = await parse(text)
  return Promise.all(
    stmts.map(({ stmt_location = 0, stmt_len = 0 }) =>
      fingerprint(bytes.subarray(stmt_location, stmt_len === 0 ? undefined : stmt_location + stmt_len).toString()),
    ),
  )
}

async function assertLikeParser(text: string, name = text): Promise<void> {
  const split = await Promise.all(splitStatements(text).map((statement) => fingerprint(statement.text)))
  assert.deepEqual(split, await parsed(text), name)
}

const tricky = [
  "select 'a;b', 'it''s; fine', E'\\';', U&'\\0441;', $$;$$, $a$ $$;$$ $b$;$b$ $a$, \"a;b\", 1 as a$b$c; select 2",
  '-- nothing; here\n/* nor; /* nested; */ here; */ select 1; -- end;\n;;\n',
  'create function f(a int) returns int language sql begin atomic select case when a > 0 then 1 else 2 end; select 3; end; select 4',
  'create rule r as on insert to t do also (insert into a values (1); insert into b values (2)); select 5',
  "create function g() returns void language plpgsql as $f$ begin perform 'x'; end $f$; select 6",
  "do $$ begin if true then raise notice 'a;'; end if; end $$; comment on table t is 'end; case'",
  'select 1 as begin, 2 as "end", a.case from a; select 7',
]

describe('splitting a file into statements', () => {
  for (const [index, text] of tricky.entries()) {
    test(`agrees with PostgreSQL's parser on case ${index + 1}: ${text.slice(0, 40).replaceAll('\n', ' ')}`, () =>
      assertLikeParser(text))
  }

  test("agrees with PostgreSQL's parser on every migration and rollback of this project", async () => {
    const folders = ['migrations', 'rollbacks'].map((name) => new URL(`../../../supabase/${name}/`, import.meta.url))
    for (const folder of folders) {
      for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql'))) {
        await assertLikeParser(await readFile(new URL(name, folder), 'utf8'), name)
      }
    }
  })

  test('any statements, with any gaps between them, come back whole and with their line', () => {
    const statement = fc.constantFrom(...tricky.slice(1, 6).map((text) => splitStatements(text)[0]?.text ?? ''))
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

  test('a broken file is handed on whole enough for the server to say what is wrong', () => {
    assert.equal(splitStatements("select 1; select 'open; select 2")[1]?.text.startsWith("select 'open"), true)
    assert.equal(splitStatements('select (1; select 2').length, 1)
    assert.equal(splitStatements('select 1 /* open; select 2').length, 1)
    assert.deepEqual(splitStatements(' \n-- nothing\n;'), [])
  })

  test('lints see neither comments, nor text, nor function bodies', () => {
    const [statement] = splitStatements(
      'Create  TABLE "a" ( -- drop column\n b text default \'drop column\', c int /* timestamp */)',
    )
    assert.equal(statement?.bare, "create table a ( b text default '', c int )")
    const [block] = splitStatements('do $$ drop column $$')
    assert.equal(block?.bare, "do ''")
  })
})
