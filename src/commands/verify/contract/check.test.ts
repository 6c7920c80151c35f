// Each difference between an error and its documentation is reported; a reply as documented has none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorEntry } from '../../../core/app-error.ts'
import type { HttpReply } from './caller.ts'
import { pageProblems, problemsOf } from './check.ts'

const text = { message: 'There is no such thing.', when: 'It is not there.', advice: 'Look again.' }
const missing: ErrorEntry = { code: 'THING_NOT_FOUND', status: 404, retryable: false, ...text }
const down: ErrorEntry = { code: 'THING_DOWN', status: 503, retryable: true, ...text }
const invalid: ErrorEntry = { code: 'VALIDATION_ERROR', status: 422, retryable: false, ...text }
const wrong_method: ErrorEntry = { code: 'METHOD_NOT_ALLOWED', status: 405, retryable: false, ...text }
const unreadable: ErrorEntry = { code: 'BAD_REQUEST', status: 400, retryable: false, ...text }

/** The reply as documented, with the given changes. */
function reply(entry: ErrorEntry, inside: object = {}, headers: object = {}, status = entry.status): HttpReply {
  const { code, message, retryable } = entry
  const body = JSON.stringify({ error: { code, message, request_id: 'one', retryable, ...inside } })
  const fixed = { 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)) }
  return { status, text: body, headers: { ...fixed, 'x-request-id': 'one', ...headers } }
}

const retry_after = { 'retry-after': '1' }
const detail = { pointer: '/name', code: 'REQUIRED', message: 'is missing' }

test('a reply as documented has no problem', () => {
  assert.deepEqual(problemsOf(reply(missing), missing), [])
  assert.deepEqual(problemsOf(reply(missing, { message: 'Reworded.', meta: { a: 1 } }), missing), [])
  assert.deepEqual(problemsOf(reply(down, {}, retry_after), down), [])
  assert.deepEqual(problemsOf(reply(invalid, { details: [detail] }), invalid), [])
  assert.deepEqual(problemsOf(reply(wrong_method, {}, { allow: 'GET' }), wrong_method), [])
  assert.deepEqual(
    problemsOf(reply(unreadable, { request_id: undefined }, { 'x-request-id': undefined }), unreadable),
    [],
  )
})

test('every difference is reported', () => {
  const cases: [HttpReply, ErrorEntry, RegExp][] = [
    [reply(missing, {}, {}, 410), missing, /^status 410 instead of 404$/],
    [reply(missing, { code: 'OTHER' }), missing, /^code OTHER instead of THING_NOT_FOUND$/],
    [reply(missing, { stack: [] }), missing, /^the undocumented member stack$/],
    [reply(missing, { message: '' }), missing, /^no message$/],
    [reply(missing, { retryable: true }), missing, /^retryable true instead of false$/],
    [reply(missing, { request_id: undefined }), missing, /^request_id undefined$/],
    [reply(missing, {}, { 'x-request-id': 'two' }), missing, /^x-request-id two is not the request_id one$/],
    [reply(missing, {}, { 'content-type': 'text/html' }), missing, /^content-type text\/html$/],
    [reply(missing, {}, { 'content-length': '1' }), missing, /^content-length 1$/],
    [reply(missing, {}, { 'x-powered-by': 'x' }), missing, /^the header x-powered-by$/],
    [reply(down), down, /^Retry-After undefined$/],
    [reply(down, { meta: {} }, retry_after), down, /^a 5xx with more than its general message/],
    [reply(down, { message: 'The host is away.' }, retry_after), down, /^a 5xx with more than its general message/],
    [reply(invalid), invalid, /^no details/],
    [reply(invalid, { details: [{ pointer: '/name' }] }), invalid, /^no details/],
    [reply(wrong_method), wrong_method, /^no Allow$/],
    [reply(missing, { message: 'select id from users' }), missing, /^the text discloses internals: select id from$/],
    [reply(missing, { message: 'x\n    at run (file.js:1:2)' }), missing, /^the text discloses internals/],
    [reply(missing, { message: 'duplicate key value' }), missing, /^the text discloses internals/],
    [{ status: 502, headers: {}, text: '<html>Bad gateway' }, missing, /^status 502 without the envelope: <html>/],
    [{ status: 404, headers: {}, text: '{"error":{},"more":1}' }, missing, /without the envelope/],
  ]
  for (const [given, entry, expected] of cases) {
    const problems = problemsOf(given, entry)
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected}: ${problems}`,
    )
  }
})

test('a code without its line, anchor or status in docs/errors.md is a problem', () => {
  const line = '| <a id="THING_DOWN"></a>`THING_DOWN` | 503 | when | what | yes |'
  assert.deepEqual(pageProblems(line, down), [])
  assert.deepEqual(pageProblems('', down), ['is not in docs/errors.md'])
  assert.deepEqual(pageProblems(line.replace('<a id="THING_DOWN"></a>', ''), down), ['has no anchor in docs/errors.md'])
  assert.deepEqual(pageProblems(line.replace('503', '500'), down), ['docs/errors.md does not give it the status 503'])
})
