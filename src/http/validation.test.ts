// Validation errors: one per pointer with a readable message; conversion of query parameters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify, { type InjectOptions } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { installErrors } from './error-envelope.ts'
import { installJsonBody } from './json-body.ts'
import { Currency, Id, nullable, strictObject, text } from './schema.ts'
import { installValidation } from './validation.ts'

const Guest = strictObject({ email: Type.String({ format: 'email' }), 'a/b~c': Type.Optional(Type.Integer()) })
const Body = strictObject(
  {
    name: text(5, 2),
    rooms: nullable(Type.Integer({ minimum: 0, maximum: 9 })),
    baths: nullable(Type.Number({ multipleOf: 0.5 })),
    note: nullable(text(3)),
    kind: nullable(Type.Enum(['house', 'room'])),
    currency: Currency,
    day: Type.String({ format: 'date' }),
    owner: nullable(Id),
    guest: Guest,
    tags: Type.Array(Type.String()),
    days: nullable(Type.Array(Type.Enum(['mon', 'tue']), { minItems: 1, maxItems: 7, uniqueItems: true })),
    is_open: Type.Boolean(),
    code: Type.String({ pattern: '^x+$' }),
  },
  { required: [], minProperties: 1 },
)
const Query = strictObject({
  limit: Type.Integer({ minimum: 1, default: 50 }),
  share: Type.Optional(Type.Number()),
  is_open: Type.Optional(Type.Boolean()),
  q: Type.Optional(text(9)),
})

const app = fastify()
installErrors(app)
installValidation(app)
installJsonBody(app)
app.post('/body', { schema: { body: Body as TSchema } }, (request) => ({ got: request.body }))
app.delete('/body', () => ({ got: 'nothing' }))
app.get('/query', { schema: { querystring: Query as TSchema } }, (request) => request.query)
app.get('/path/:id', { schema: { params: strictObject({ id: Id }) as TSchema } }, (request) => request.params)

async function inject(options: InjectOptions) {
  const reply = await app.inject(options)
  return { status: reply.statusCode, body: reply.json() }
}

async function detailsOf(body: unknown): Promise<Record<string, string>> {
  const reply = await inject({ method: 'POST', url: '/body', payload: body as object })
  assert.equal(reply.status, 422, JSON.stringify(reply.body))
  const details: { pointer: string; code: string; message: string }[] = reply.body.error.details
  assert.equal(new Set(details.map(({ pointer }) => pointer)).size, details.length, 'one detail per pointer')
  return Object.fromEntries(details.map(({ pointer, code, message }) => [pointer, `${code}: ${message}`]))
}

test('each invalid value has one detail, and its message says what is valid', async () => {
  assert.deepEqual(await detailsOf({ name: 5, rooms: '3', baths: 'one', note: 5, kind: 1, is_open: 'yes', tags: {} }), {
    '/name': 'WRONG_TYPE: must be text',
    '/rooms': 'WRONG_TYPE: must be a whole number, or null',
    '/baths': 'WRONG_TYPE: must be a number, or null',
    '/note': 'WRONG_TYPE: must be text, or null',
    '/kind': 'NOT_ALLOWED: must be one of house, room, or null',
    '/is_open': 'WRONG_TYPE: must be true or false',
    '/tags': 'WRONG_TYPE: must be a list',
  })
  assert.deepEqual(
    await detailsOf({ name: 'x', rooms: -1, baths: 0.3, note: 'long', currency: 'eur', day: '2027-02-30' }),
    {
      '/name': 'INVALID: must have at least 2 characters',
      '/rooms': 'INVALID: must be at least 0, or null',
      '/baths': 'INVALID: must be a multiple of 0.5, or null',
      '/note': 'INVALID: must have at most 3 characters, or null',
      '/currency': 'INVALID: must look like EUR',
      '/day': 'INVALID: must be a calendar date, as YYYY-MM-DD',
    },
  )
  assert.deepEqual(
    await detailsOf({ owner: 'me', guest: { email: 'a', phone: 1, 'a/b~c': 1.5 }, code: '', tags: [1] }),
    {
      '/owner': 'INVALID: must be a UUID, or null',
      '/guest/email': 'INVALID: must be an e-mail address',
      '/guest/phone': 'UNKNOWN_FIELD: is not a field of this request',
      '/guest/a~1b~0c': 'WRONG_TYPE: must be a whole number',
      '/code': 'INVALID: must match ^x+$',
      '/tags/0': 'WRONG_TYPE: must be text',
    },
  )
})

test('two violations of one value are one detail', async () => {
  assert.deepEqual(await detailsOf({ name: '\u0000', note: '\ud800' }), {
    '/name':
      'INVALID: must have at least 2 characters and must not contain the character NUL or half of a surrogate pair',
    '/note': 'INVALID: must not contain the character NUL or half of a surrogate pair, or null',
  })
})

test('the contents of a value that is too long are not checked', async () => {
  assert.deepEqual(await detailsOf({ name: `\u0000${'x'.repeat(9)}`, days: Array(1900).fill(null) }), {
    '/name': 'INVALID: must have at most 5 characters',
    '/days': 'INVALID: must have at most 7 items, or null',
  })
  assert.deepEqual(await detailsOf({ days: ['mon', 'mon', 'never', {}] }), {
    '/days': 'INVALID: must not contain the same item twice, or null',
    '/days/2': 'NOT_ALLOWED: must be one of mon, tue',
    '/days/3': 'NOT_ALLOWED: must be one of mon, tue',
  })
})

test('an error of the whole body has the empty pointer', async () => {
  for (const body of ['[]', '5', 'null', '"text"', 'true']) {
    const headers = { 'content-type': 'application/json' }
    const reply = await inject({ method: 'POST', url: '/body', headers, payload: body })
    assert.deepEqual(reply.body.error.details, [{ pointer: '', code: 'WRONG_TYPE', message: 'must be an object' }])
  }
  assert.deepEqual(await detailsOf({}), { '': 'INVALID: must name at least one field' })
})

test('at most 20 details are returned, and long names are truncated', async () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`field${i}`, 1]))
  assert.equal(Object.keys(await detailsOf(many)).length, 20)
  const [pointer = ''] = Object.keys(await detailsOf({ [`x${'y'.repeat(100_000)}`]: 1 }))
  assert.equal(pointer.length, 201)
})

test('bodies are not converted and get no defaults', async () => {
  const sent = { name: 'abc', rooms: 0, note: null, guest: { email: 'A@b.example' } }
  const reply = await inject({ method: 'POST', url: '/body', payload: sent })
  assert.deepEqual(reply.body.got, sent)
})

test('only plain numbers and booleans of a query are converted', async () => {
  const get = (query: string) => inject({ method: 'GET', url: `/query${query}` })
  assert.deepEqual((await get('')).body, { limit: 50 })
  const all = await get('?limit=7&share=-1.50&is_open=false&q=007')
  assert.deepEqual(all.body, { limit: 7, share: -1.5, is_open: false, q: '007' })
  for (const limit of ['', '1e1', '0x10', '+5', '%205', '5%20', '5.5', 'NaN', '1_0', '\u0665', '9'.repeat(16)]) {
    assert.equal((await get(`?limit=${encodeURIComponent(limit)}`)).status, 422, limit)
  }
  for (const is_open of ['', '1', '0', 'TRUE', 'yes', 'null']) {
    assert.equal((await get(`?is_open=${is_open}`)).status, 422, is_open)
  }
  const twice = await get('?limit=1&limit=2')
  assert.deepEqual(twice.body.error.details, [
    { pointer: '/query/limit', code: 'WRONG_TYPE', message: 'must be a whole number' },
  ])
})

test('ids are UUIDs in the standard format, dates are existing dates', async () => {
  const id = '0190163d-8694-739b-aea5-966c26f8ad91'
  for (const good of [id, id.toUpperCase()]) {
    assert.deepEqual((await inject({ method: 'GET', url: `/path/${good}` })).body, { id: good })
  }
  for (const bad of [`urn:uuid:${id}`, `{${id}}`, id.replaceAll('-', ''), `${id}%0a`, `%20${id}`]) {
    assert.equal((await inject({ method: 'GET', url: `/path/${bad}` })).status, 422, bad)
  }
  for (const good of ['2028-02-29', '0001-01-01', '9999-12-31']) {
    assert.equal((await inject({ method: 'POST', url: '/body', payload: { day: good } })).status, 200, good)
  }
  for (const bad of ['2027-02-29', '2027-13-01', '2027-00-10', '0000-01-01', '2027-1-1', '2027-07-01T00:00', '']) {
    assert.deepEqual(Object.keys(await detailsOf({ day: bad })), ['/day'], bad)
  }
})

test('a DELETE with Content-Type application/json and no body is accepted', async () => {
  const headers = { 'content-type': 'application/json' }
  assert.equal((await inject({ method: 'DELETE', url: '/body', headers })).status, 200)
  assert.equal((await inject({ method: 'DELETE', url: '/body', headers, payload: '{' })).status, 400)
})
