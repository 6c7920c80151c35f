// The isolation report: complete, deterministic, and with every unfiltered statement as a problem.
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  const { problems } = await isolationReport([purge], tenantTables, [
    { ...exception, file: 'src/core/events/audit.ts' },
  ])
  assert.equal(problems.length, 2)
  assert.match(problems[0] ?? '', /^src\/core\/idempotency\.ts: idempotency_keys is not filtered/)
  assert.match(problems[1] ?? '', /^src\/core\/events\/audit\.ts: no statement needs the exception/)
})

test('an exception for a filtered statement is stale', async () => {
  const stale = { file: filtered.file, startsWith: 'select id from bookings', reason: 'Was once needed.' }
  const { problems } = await isolationReport([filtered], tenantTables, [stale])
  assert.match(problems.join(), /no statement needs the exception 'select id from bookings'/)
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
