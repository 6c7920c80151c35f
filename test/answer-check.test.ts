// The check of every answer in the tests finds what the document does not allow.
// One engine is enough: this tests the check.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { type CheckedAnswer, createAnswerCheck } from './answer-check.ts'
import { castProperties } from './cast.ts'
import { cast } from './harness.ts'
import { must } from './steps.ts'

const { admin, app } = await cast({
  extend: (api) => {
    const inject = api.inject.bind(api)
    const answerWrongly = async (options: InjectOptions) => {
      const answered = await inject(options)
      return options.headers?.['x-break'] === undefined
        ? answered
        : Object.create(answered, { statusCode: { value: 418 } })
    }
    api.inject = answerWrongly as typeof api.inject
  },
})
const check = createAnswerCheck(app.swagger())
const url = `/api/v1/properties/${castProperties.lake.id}`
const reply = must(200, await admin.get(url))
const right: CheckedAnswer = { method: 'GET', url, status: 200, headers: reply.headers, text: reply.text }
const failure = (code: string, message = 'No.'): CheckedAnswer => ({
  ...right,
  status: 404,
  headers: { ...reply.headers, etag: undefined },
  text: JSON.stringify({ error: { code, message, retryable: false } }),
})

test('an answer as documented passes, and so do unknown routes', () => {
  check(right)
  check({ ...right, method: 'HEAD', text: '' })
  check({ ...right, url: `${url}/?a=b` })
  check({ ...right, status: 304, text: '' })
  check({ ...right, url: '/castles', status: 599 })
  check(failure('PROPERTY_NOT_FOUND'))
})

const wrong: Readonly<Record<string, Partial<CheckedAnswer>>> = {
  'a status': { status: 202 },
  'a missing header': { headers: { ...reply.headers, etag: undefined } },
  'a header that is not documented': { headers: { ...reply.headers, location: '/x' } },
  'a media type': { headers: { ...reply.headers, 'content-type': 'text/html' } },
  'an unknown member': { text: reply.text.replace('{', '{"colour":"red",') },
  'a missing member': { text: reply.text.replace(/"max_guests":\d+,/, '') },
  'a wrong type': { text: reply.text.replace(/"max_guests":\d+/, '"max_guests":"4"') },
  'a body of a 304': { status: 304 },
  'a code of another operation': failure('GUEST_NOT_FOUND'),
  'a code that does not exist': failure('NO_SUCH_CODE'),
  'a status in a message': failure('PROPERTY_NOT_FOUND', 'The booking cannot be checked_in.'),
}

for (const [what, answer] of Object.entries(wrong)) {
  test(`${what} that the document does not allow is found`, () => {
    assert.throws(() => check({ ...right, ...answer }), /is not as documented/)
  })
}

test('every request of the harness is checked', async () => {
  await assert.rejects(admin.get('me', { 'x-break': 'yes' }), /GET \/api\/v1\/me 418 is not as documented/)
})
