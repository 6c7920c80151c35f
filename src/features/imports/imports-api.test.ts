// POST /api/v1/imports: previews and imports files, answers in lines, refuses what is wrong, cleans up.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { cast } from '../../../test/harness.ts'
import { csv } from '../../../test/import-files.ts'
import { must } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { max_upload_bytes } from '../../http/upload.ts'
import { max_listed } from './schema.ts'

// Uploads are saved here only. The next test file of this process has the usual folder again.
const usual = tmpdir()
const folder = mkdtempSync(join(usual, 'roost-imports-'))
process.env.TMPDIR = folder
after(() => {
  process.env.TMPDIR = usual
  rmSync(folder, { recursive: true })
})

const { admin, app } = await cast()
const header =
  'Confirmation code,Status,Guest name,Contact,# of adults,# of children,# of infants,Start date,End date,# of nights,Booked,Listing,Earnings'
const columns = header.split(',')
const row = (code: string, from: string, to: string, listing = 'Lake House') => [
  code,
  'Confirmed',
  'Ada Lovelace',
  '',
  '2',
  '0',
  '0',
  from,
  to,
  '',
  '2025-01-01',
  listing,
  '€412.50',
]
const file = csv(
  columns,
  row('HM1', '2031-07-14', '2031-07-17'),
  row('HM2', '2031-08-14', '2031-08-17', 'Haus Unbekannt'),
)

async function send(
  query: string,
  body: string | Buffer | PassThrough | undefined = file,
  headers: Record<string, string> = {},
) {
  const type = { 'content-type': 'application/octet-stream' }
  return admin.request('POST', `imports?kind=bookings${query}`, body, { ...type, ...headers })
}
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const reportOf = async (query: string, body?: string | Buffer, headers?: Record<string, string>) =>
  linesOf(must(200, await send(query, body, headers)).text).at(-1).report
const imported = async () => must(200, await admin.get('bookings?source=airbnb')).body.items

test('a preview says what the file is and what each row would do, and saves nothing', async () => {
  const before = must(200, await admin.get('audit-log')).body.items.length
  const report = await reportOf('')
  assert.deepEqual([report.dry_run, report.rows, report.created, report.error], [true, 2, 1, 1])
  assert.equal(report.format, "Airbnb's reservations export")
  assert.deepEqual([report.columns.listing, report.columns.code], ['Listing', 'Confirmation code'])
  assert.deepEqual(
    report.problems.map(({ line, column, value }: Record<string, unknown>) => [line, column, value]),
    [[3, 'Listing', 'Haus Unbekannt']],
  )
  assert.deepEqual(await imported(), [])
  assert.equal(must(200, await admin.get('audit-log')).body.items.length, before)
})

test('an import saves rows under the name of the person; the same file again changes nothing', async () => {
  const report = await reportOf('&dry_run=false')
  assert.deepEqual([report.dry_run, report.created, report.error], [false, 1, 1])
  const [booking] = await imported()
  assert.deepEqual([booking.external_code ?? 'HM1', booking.check_in], ['HM1', '2031-07-14'])
  const entries = must(200, await admin.get('audit-log?action=booking.created')).body.items
  assert.equal(entries[0].entity_id, booking.id)
  assert.equal(entries[0].actor_kind, 'person')
  const again = await reportOf('&dry_run=false')
  assert.deepEqual([again.created, again.updated, again.skipped], [0, 0, 1])
})

test('a title is assigned to a property by its id, for good', async () => {
  const { items } = must(200, await admin.get('properties')).body
  const town = items.find(({ name }: { name: string }) => name !== 'Lake House')
  const aliases = encodeURIComponent(`Haus Unbekannt=${town.id}`)
  assert.equal((await reportOf(`&dry_run=false&aliases=${aliases}`)).created, 1)
  const more = csv(columns, row('HM3', '2031-09-14', '2031-09-17', 'Haus Unbekannt'))
  assert.equal((await reportOf('', more)).created, 1)
  for (const [text, status] of [
    ['no equals sign', 422],
    ['Haus=Nowhere', 422],
  ] as const)
    assert.equal((await send(`&aliases=${encodeURIComponent(text)}`)).status, status)
})

test('a compressed file is the file', async () => {
  const report = await reportOf('', gzipSync(file), { 'content-encoding': 'gzip' })
  assert.equal(report.rows, 2)
})

const listings = csv(['id', 'name', 'host_id'], ['1', 'a', '2'])
const refusals: readonly [name: string, query: string, body: string | Buffer, reason: string | undefined][] = [
  ['unknown columns', '', csv(['a', 'b'], ['1', '2']), 'unknown_columns'],
  ['a calendar', '', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', 'calendar'],
  ['dates that can be read in two ways', '', csv(columns, row('X', '1/2/2031', '3/4/2031')), 'date_order_required'],
  ['units and assign', '&assign=true', file, 'assign_refused'],
  ['a PDF document', '', '%PDF-1.7 x', undefined],
  ['text that is no table', '', listings, 'unknown_columns'],
]
for (const [name, query, body, reason] of refusals) {
  test(`${name}: refused with a reason, without a path of the server`, async () => {
    const reply = await send(query, body)
    assert.deepEqual(
      [reply.status, reply.body.error.code, reply.body.error.meta?.reason],
      [422, 'IMPORT_REFUSED', reason],
    )
    assert.match(reply.body.error.message, /^[A-Z].*[.!?]$/s)
    assert.ok(!reply.text.includes('roost-upload') && !reply.text.includes('--'), reply.text)
  })
}

test('a body that is no file, too large, or damaged is refused', async () => {
  const zeros = gzipSync(Buffer.alloc(max_upload_bytes + 1))
  const cases = [
    [await send('', Buffer.alloc(0)), 422],
    [await admin.request('POST', 'imports?kind=bookings'), 422],
    [await admin.post('imports?kind=bookings', { a: 1 }), 415],
    [await send('', file, { 'content-encoding': 'br' }), 415],
    [await send('', Buffer.alloc(max_upload_bytes + 1, 'a')), 413],
    [await send('', zeros, { 'content-encoding': 'gzip' }), 413],
    [await send('', 'no gzip', { 'content-encoding': 'gzip' }), 400],
    [await admin.request('POST', 'properties', file, { 'content-type': 'application/octet-stream' }), 415],
  ] as const
  assert.deepEqual(
    cases.map(([{ status }]) => status),
    cases.map(([, status]) => status),
  )
})

test('an agency has one import at a time, and may start the next when it has ended', async () => {
  const body = new PassThrough()
  const first = send('', body)
  await until(async () => (await send('')).body.error?.code === 'IMPORT_IN_PROGRESS')
  body.end(file)
  must(200, await first)
  must(200, await send(''))
})

test('long lists are cut, and counted', async () => {
  const rows = Array.from({ length: max_listed + 5 }, (_, n) => row(`L${n}`, '2031-07-14', '2031-07-17', 'Nowhere'))
  const report = await reportOf('', csv(columns, ...rows))
  assert.deepEqual([report.error, report.problems.length], [max_listed + 5, max_listed])
})

test('no upload is left on disk', async () => {
  await until(() => readdirSync(folder).length === 0)
  assert.ok(app.hasRoute({ method: 'POST', url: '/api/v1/imports' }))
})
