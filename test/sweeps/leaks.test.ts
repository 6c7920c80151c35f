// Error responses reveal nothing internal; the log has the cause under the request id, and no secrets.
// One engine is enough: the responses do not depend on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internal_message, row_detail } from '../../proof/contract/fault-routes.ts'
import type { HttpReply } from '../../src/commands/verify/contract/caller.ts'
import { errorCatalogue } from '../../src/core/app-error.ts'
import { castProperties, password, players } from '../cast.ts'
import { internalDetails } from '../internal-details.ts'
import { readReadiness } from '../readiness.ts'
import { recordingLog } from '../recording-log.ts'
import { openErrorFixture, triggerError } from './error-triggers.ts'

const recording = recordingLog()
const environment = await openErrorFixture(recording.log)
const { fixture } = environment
const { admin, manager } = fixture

const sqlstates = ['21000', '22001', '22P02', '23502', '23505', '23514', '23P01', '25006', '25P02', '42501', '42601']
const more = ['53100', '57P03', 'P0001', 'XX000']

/** Every documented error, and database errors that no feature expects. */
async function corpus(): Promise<Map<string, HttpReply>> {
  const replies = new Map<string, HttpReply>()
  for (const { code } of errorCatalogue) {
    const reply = await triggerError(environment, code)
    if (reply !== undefined) replies.set(code, reply)
  }
  for (const state of [...sqlstates, ...more]) replies.set(state, await admin.get(`/faults/sqlstate/${state}`))
  replies.set('a write while reading', await admin.get('/faults/write'))
  replies.set('an unknown field', await manager.post('properties', { 'colour"; --': 1 }))
  replies.set(
    'values',
    await manager.post('properties', { name: internal_message.repeat(9), country: internal_message }),
  )
  replies.set('a path', await manager.get('/../../etc/passwd'))
  return replies
}

const replies = await corpus()
const bodies = [...replies].filter(([, { status }]) => status >= 400)

/** Names of the schema that are not words of the public API. */
async function internalNames(): Promise<string[]> {
  const { rows } = await fixture.store.owner.query(`
    select conname as name from pg_constraint c join pg_namespace n on n.oid = c.connamespace and n.nspname in ('public', 'app')
    union select indexname from pg_indexes where schemaname in ('public', 'app')
    union select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'app'
    union select rolname from pg_roles where rolname like '%roost%'`)
  return rows.map(({ name }) => String(name)).filter((name) => name.includes('_') && !/^[a-z]+_id$/.test(name))
}

test('there are enough responses to inspect', () => {
  assert.ok(bodies.length > 50)
  assert.equal(bodies.length, replies.size)
})

test('no error contains SQL, schema names, files, stack frames or names of our tools', async () => {
  const names = await internalNames()
  assert.ok(names.length > 40)
  for (const [what, { text }] of bodies) {
    for (const pattern of internalDetails) assert.doesNotMatch(text, pattern, what)
    assert.deepEqual(
      names.filter((name) => text.includes(name)),
      [],
      `${what}: ${text}`,
    )
  }
})

test('no error repeats a value of the request', () => {
  const text = replies.get('values')?.text ?? ''
  assert.match(text, /"pointer":"\/country"/)
  assert.ok(!text.includes('password_hash'))
})

test('a 5xx contains its code and its general message only', () => {
  const failures = bodies.filter(([, { status }]) => status >= 500)
  assert.ok(failures.length > 12)
  for (const [what, { text, headers }] of failures) {
    const { error } = JSON.parse(text)
    const entry = errorCatalogue.find(({ code }) => code === error.code)
    assert.deepEqual(Object.keys(error), ['code', 'message', 'request_id', 'retryable'], what)
    assert.equal(error.message, entry?.message, what)
    assert.equal(headers['x-powered-by'], undefined)
    assert.equal(headers.server, undefined)
  }
})

test('an unexpected database error answers INTERNAL_ERROR, whatever its SQLSTATE', () => {
  const bugs = ['21000', '25P02', '42601', 'P0001', 'XX000', 'a write while reading']
  for (const what of bugs) assert.equal(replies.get(what)?.status, 500, what)
})

function linesOf(reply: HttpReply | undefined) {
  const { error } = JSON.parse(reply?.text ?? '{}')
  return recording.lines.filter(({ request_id, msg }) => request_id === error.request_id && msg !== 'request')
}

/** The one log line of this response, and the cause in it. */
function causeOf(reply: HttpReply | undefined) {
  const [line, ...others] = linesOf(reply)
  assert.ok(line !== undefined)
  assert.equal(others.length, 0)
  return { level: line.level, ...(line.err as Record<'code' | 'detail' | 'message' | 'stack', string>) }
}

test("the log has the cause of a 500 with its stack, under the response's request id", () => {
  for (const what of ['INTERNAL_ERROR', 'XX000']) {
    const { level, message, stack } = causeOf(replies.get(what))
    assert.equal(level, 50)
    assert.ok(message.includes(internal_message), what)
    assert.match(stack, /\n +at /)
  }
})

test('the log has the cause of a 503, and of rows that only the database refused', () => {
  for (const [what, code] of [
    ['DB_UNAVAILABLE', '57P01'],
    ['SCHEMA_DRIFT', '42P01'],
    ['22001', '22001'],
    ['23514', '23514'],
    ['42501', '42501'],
  ] as const) {
    const cause = causeOf(replies.get(what))
    assert.deepEqual([cause.level, cause.code], [40, code])
  }
})

test("a client error has no log line besides the request's", () => {
  for (const code of [
    'MALFORMED_JSON',
    'VALIDATION_ERROR',
    'PROPERTY_NOT_FOUND',
    'BOOKING_CONFLICT',
    'AUTH_REQUIRED',
  ]) {
    assert.deepEqual(linesOf(replies.get(code)), [], code)
  }
})

test('every request is one line of the log, whatever its headers and address', async () => {
  const before = recording.lines.length
  const hostile = '\u001b[31mred\u001b[0m {"level":60}'
  await manager.get(`properties?q=${encodeURIComponent('a\r\n{"level":60,"msg":"forged"}')}`, { 'user-agent': hostile })
  const added = recording.lines.slice(before)
  assert.deepEqual(
    added.map(({ msg, status, route }) => [msg, status, route]),
    [['request', 200, '/api/v1/properties']],
  )
  assert.ok(!JSON.stringify(added).includes('forged') && !JSON.stringify(added).includes('red'))
})

test('the health endpoints are public and reveal no versions', async () => {
  await readReadiness(fixture.app)
  const keys = { '/health': ['status', 'checks'], '/health/live': ['status'], '/health/ready': ['status'] }
  for (const [path, expected] of Object.entries(keys)) {
    const { status, body, text, headers } = await fixture.anonymous.get(path)
    assert.deepEqual([status, Object.keys(body)], [200, expected])
    for (const pattern of internalDetails) assert.doesNotMatch(text, pattern, path)
    assert.doesNotMatch(text, /\d+\.\d+/, 'no version')
    assert.deepEqual([headers.server, headers['x-powered-by']], [undefined, undefined])
  }
  for (const path of ['/ops/current-commit', '/ops/env-sanity']) {
    assert.equal((await fixture.anonymous.get(path)).status, 401)
    assert.equal((await manager.get(path)).status, 403)
  }
})

test('no log line holds a token, a password, or content of a row or a request', async () => {
  const { token } = await fixture.tokens.issue({ user_id: players.manager.user_id })
  const [, claims = ''] = token.split('.')
  const guest = { first_name: 'Zaphod', last_name: 'Beeblebrox', email: 'zaphod@example.com' }
  await fixture.anonymous.post('auth/login', { email: players.staff.email, password })
  const booking = {
    property_id: castProperties.lake.id,
    check_in: '2031-01-01',
    check_out: '2031-01-02',
    num_adults: 1,
    guest,
  }
  const headers = { 'idempotency-key': 'a-key-of-mine', cookie: 'session=a-cookie-of-mine' }
  for (const status of [201, 201]) assert.equal((await manager.post('bookings', booking, headers)).status, status)
  await fixture.store.owner.query(
    `alter table guests add constraint guests_no_zaphod check (first_name <> 'Zaphod') not valid`,
  )
  const refused = await manager.post('bookings', {
    property_id: castProperties.lake.id,
    check_in: '2031-02-01',
    check_out: '2031-02-02',
    num_adults: 1,
    guest: { ...guest, email: 'ford@example.com' },
  })
  assert.equal(refused.status, 422)
  assert.equal(causeOf(refused).code, '23514', 'the database refused the row')
  assert.equal(causeOf(replies.get('22001')).detail, '[hidden]')
  const all = JSON.stringify(recording.lines)
  const secrets = [claims.slice(0, 30), password, 'Beeblebrox', 'zaphod@', 'ford@example.com', row_detail, 'of-mine']
  for (const secret of secrets) {
    assert.ok(!all.includes(secret), secret)
  }
})
