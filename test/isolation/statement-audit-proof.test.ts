// Tests the audit on a database: the result of an accepted statement is independent of other agencies.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { emptyDump } from '../dumps.ts'
import { randomStatement, sampleTables } from './random-statements.ts'
import { auditStatement } from './statement-audit.ts'

const keyColumns = new Map(sampleTables.map((table) => [table as string, 'agency_id']))
const statements = Number(process.env.AUDIT_STATEMENTS ?? 2000)
const first_seed = Number(process.env.AUDIT_SEED ?? 1)
const agency = 1

let database: PGlite

/** Two schemas: `shared` has agencies 1 and 2 with the same ids, `alone` the same rows of agency 1 only. */
before(async () => {
  database = await PGlite.create({ loadDataDir: (await emptyDump()) as Blob })
  for (const schema of ['shared', 'alone']) {
    await database.exec(`create schema ${schema}`)
    for (const [place, table] of sampleTables.entries()) {
      await database.exec(`create table ${schema}.${table} (agency_id int not null, id int not null, ref int not null);
        insert into ${schema}.${table} select a, i, (i * ${place + 2} + a) % 3 + 1
        from generate_series(1, ${schema === 'alone' ? 1 : 2}) a, generate_series(1, 2 + ${place % 2}) i`)
    }
  }
})

after(() => database.close())

/** The rows that a statement returns; for a change, the agency's own rows and all others after it. */
async function outcome(schema: string, text: string, is_change: boolean): Promise<{ own: string; others: string }> {
  const table = sampleTables.map((name) => `select '${name}' as name, * from ${name}`).join(' union all ')
  await database.exec(`begin; set local search_path = ${schema}`)
  try {
    const { rows } = await database.query(text, text.includes('$1') ? [agency] : [])
    if (!is_change) return { own: sorted(rows), others: '' }
    const left = (await database.query<{ agency_id: number }>(table)).rows
    return {
      own: sorted(left.filter((row) => row.agency_id === agency)),
      others: sorted(left.filter((row) => row.agency_id !== agency)),
    }
  } finally {
    await database.exec('rollback')
  }
}

const sorted = (rows: readonly unknown[]) =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n')

/** Whether another agency's rows affect the result or are changed. Undefined when PostgreSQL refuses the statement. */
async function leaks(text: string, is_change: boolean, untouched: string): Promise<boolean | undefined> {
  try {
    const shared = await outcome('shared', text, is_change)
    const alone = await outcome('alone', text, is_change)
    return shared.own !== alone.own || (is_change && shared.others !== untouched)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return
    throw error
  }
}

test('no accepted statement of thousands of random ones reads or changes another agency', async (t) => {
  const untouched = (await outcome('shared', 'select $1::int', true)).others
  const count = { passed: 0, passed_changes: 0, caught_leaks: 0, caught_harmless: 0, invalid: 0 }
  for (let seed = first_seed; seed < first_seed + statements; seed++) {
    const { text, is_change } = randomStatement(seed)
    const { problems } = auditStatement(text, keyColumns)
    const is_leak = await leaks(text, is_change, untouched)
    if (is_leak === undefined) count.invalid++
    else if (problems.length > 0) count[is_leak ? 'caught_leaks' : 'caught_harmless']++
    else {
      count.passed++
      if (is_change) count.passed_changes++
      assert.ok(!is_leak, `seed ${seed} passes the audit but depends on another agency:\n${text}`)
    }
  }
  t.diagnostic(JSON.stringify(count))
  // Otherwise the test could succeed because nothing was accepted or no leak could be detected.
  assert.ok(count.passed > statements / 8 && count.passed_changes > statements / 40, JSON.stringify(count))
  assert.ok(count.caught_leaks > statements / 20, JSON.stringify(count))
})
