// The isolation report: complete, deterministic, and with every unfiltered statement as a problem.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definerFunctions } from '../../src/core/tenancy/expected.ts'
import { definerReasons } from './definers.ts'
import { isolationReport } from './report.ts'
import { tenantTables } from './sample-statements.ts'

const filtered = { file: 'src/features/bookings/create.ts', text: 'select id from bookings where agency_id = $1' }
const unfiltered = { file: 'src/features/guests/guests.ts', text: 'select id from guests where email = $1' }
const purge = { file: 'src/core/idempotency.ts', text: 'delete from idempotency_keys where expires_at < now()' }
const exception = {
  file: purge.file,
  startsWith: 'delete from idempotency_keys',
  reason: 'Expired keys, by time only.',
}

test('a filtered statement is listed under its file with its table and filter', async () => {
  const { markdown, problems } = await isolationReport([filtered], tenantTables, [])
  assert.deepEqual(problems, [])
  assert.ok(markdown.includes('### src/features/bookings/create.ts'))
  assert.ok(markdown.includes(`| \`${filtered.text}\` | \`bookings\` | \`bookings.agency_id = $1\` |`))
})

test('an unfiltered statement is a problem with its file, and is marked on the page', async () => {
  const { markdown, problems } = await isolationReport([filtered, unfiltered], tenantTables, [])
  assert.equal(problems.length, 1)
  assert.match(
    problems[0] ?? '',
    /^src\/features\/guests\/guests\.ts: guests is not filtered by agency_id.*\n {2}select id/,
  )
  assert.match(markdown, /UNFILTERED: guests is not filtered/)
})

test('an exception suppresses the problem of its statement and lists its reason', async () => {
  const { markdown, problems } = await isolationReport([purge], tenantTables, [exception])
  assert.deepEqual(problems, [])
  assert.ok(
    markdown.includes(
      '| 1 | `src/core/idempotency.ts` | `delete from idempotency_keys` | Expired keys, by time only. |',
    ),
  )
  assert.ok(markdown.includes('`none`<br>exception 1 |'))
})

test('an exception of another file suppresses nothing and is a problem itself', async () => {
  const { problems, stale } = await isolationReport([purge], tenantTables, [
    { ...exception, file: 'src/core/events/audit.ts' },
  ])
  assert.deepEqual([problems.length, stale.length], [1, 1])
  assert.match(problems[0] ?? '', /^src\/core\/idempotency\.ts: idempotency_keys is not filtered/)
  assert.match(stale[0] ?? '', /^src\/core\/events\/audit\.ts: no statement needs the exception/)
})

test('an exception for a filtered statement is stale', async () => {
  const unused = { file: filtered.file, startsWith: 'select id from bookings', reason: 'Was once needed.' }
  const { problems, stale } = await isolationReport([filtered], tenantTables, [unused])
  assert.deepEqual(problems, [], 'a run of some files does not fail because of it')
  assert.match(stale.join(), /no statement needs the exception 'select id from bookings'/)
})

test('the page does not depend on the order or number of collected lines', async () => {
  const once = await isolationReport([filtered, unfiltered, purge], tenantTables, [exception])
  const again = await isolationReport([purge, unfiltered, filtered, purge, filtered], tenantTables, [exception])
  assert.deepEqual(again, once)
})

test('statements that differ only in the page size are one row', async () => {
  const ofLimit = (rows: number) => ({ ...filtered, text: `${filtered.text} limit ${rows}` })
  const once = await isolationReport([ofLimit(501)], tenantTables, [])
  assert.deepEqual(await isolationReport([51, 11, 501].map(ofLimit), tenantTables, []), once)
  assert.equal((await isolationReport([ofLimit(11), ofLimit(12)], tenantTables, [])).summary.statements, 2)
})

test('updates that differ only in the columns they set are one row; another filter is another', async () => {
  const updateOf = (set: string, where: string) => ({
    file: 'src/a.ts',
    text: `update guests g set ${set} where ${where}`,
  })
  const filter = 'g.agency_id = $3 and g.id = $4'
  const { markdown, summary, problems } = await isolationReport(
    [
      updateOf('phone = $1, email = $2', filter),
      updateOf('phone = $1', 'g.agency_id = $2 and g.id = $3'),
      updateOf('phone = $1', 'g.id = $2'),
    ],
    tenantTables,
    [],
  )
  assert.equal(summary.statements, 2)
  assert.ok(markdown.includes('`update guests g set … where g.agency_id = $n and g.id = $n`'))
  assert.equal(problems.length, 1)
})

test('lists that differ in optional conditions are one row; another table or filter is another', async () => {
  const listOf = (conditions: string, more = '') => ({
    file: 'src/a.ts',
    text: `select g.id from guests g${more} where ${conditions} order by g.id limit 11`,
  })
  const lines = [
    listOf('g.agency_id = $1'),
    listOf('g.agency_id = $1 and g.phone = $2 and g.email = $3'),
    listOf('g.phone = $1 and g.agency_id = $2'),
    listOf('g.agency_id = $1 and b.agency_id = g.agency_id', ' join bookings b on b.guest_id = g.id'),
    listOf('g.phone = $1'),
  ]
  const { markdown, summary, problems } = await isolationReport(lines, tenantTables, [])
  assert.equal(summary.statements, 3)
  assert.ok(markdown.includes('g.email = $3 order by g.id limit 11`<br>and 2 with other conditions or columns |'))
  assert.equal(problems.length, 1)
})

test('a read of an owner without a filter by owner is a problem, in a run of some files as well', async () => {
  const text = 'select p.id from properties p where p.agency_id = $1'
  const file = 'src/features/properties/made-up.ts'
  const report = (by_owner?: true) => isolationReport([{ file, text, ...(by_owner && { by_owner }) }], tenantTables, [])
  assert.deepEqual((await report()).problems, [])
  assert.match((await report(true)).problems.join(), /made-up\.ts: an owner sends it, and it does not filter by owner/)
})

test('every function that looks across agencies is explained, and no other', async () => {
  assert.deepEqual(Object.keys(definerReasons).sort(), [...definerFunctions].sort())
  const { markdown } = await isolationReport([], tenantTables, [])
  assert.ok(markdown.includes('**No role crosses agencies.**'))
  for (const name of definerFunctions) assert.ok(markdown.includes(`| \`${name}\` |`), name)
})

test('statements without tenant tables are left out', async () => {
  const begin = { file: 'src/features/bookings/create.ts', text: `select set_config('role', $1, true)` }
  const { markdown, problems } = await isolationReport([begin], tenantTables, [])
  assert.deepEqual(problems, [])
  assert.ok(markdown.includes('0 statements in 0 files'))
})

test('a pipe or a backtick in a statement does not break its table row', async () => {
  const text = "select first_name || '`' || last_name from guests where agency_id = $1"
  const { markdown } = await isolationReport([{ file: 'src/a.ts', text }], tenantTables, [])
  const row = markdown.split('\n').find((line) => line.includes('first_name'))
  assert.equal(row, `| \`\`${text.replaceAll('|', '\\|')}\`\` | \`guests\` | \`guests.agency_id = $1\` |`)
})
