// tsc compares the result of a route with its response schema: an unused @ts-expect-error does not compile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { Type } from 'typebox'
import type { JsonText } from '../core/json-text.ts'
import type { Database } from '../core/postgres/database.ts'
import type { Api } from './api.ts'
import { plainRoute, readRoute, writeRoute } from './route.ts'
import { IdPath, nullable, Page, strictObject } from './schema.ts'

const Note = strictObject({ id: Type.String(), pages: Type.Integer(), author: nullable(Type.String()) })
const NotePage = Page(Note)
const note = { id: 'a', pages: 1, author: null }
const jsonOf = <T>(value: T) => JSON.stringify(value) as JsonText<T>

const app = fastify() as unknown as Api
const db = {} as Database
const words = { operationId: 'readNotes', summary: 'Notes', description: 'All notes.' }
const shared = { can: 'bookings:read', tags: ['notes'], ...words } as const

test('a read whose result differs from its response schema does not compile', () => {
  const read = { ...shared, response: Note }
  readRoute(app, db, '/right', { ...read, work: async () => note })
  readRoute(app, db, '/right-json', {
    ...shared,
    response: NotePage,
    work: async () => jsonOf({ items: [note], next_cursor: null }),
  })
  // @ts-expect-error pages is not a number
  readRoute(app, db, '/wrong-type', { ...read, work: async () => ({ ...note, pages: '1' }) })
  // @ts-expect-error author is missing
  readRoute(app, db, '/missing', { ...read, work: async () => ({ id: 'a', pages: 1 }) })
  // @ts-expect-error not JSON of a note
  readRoute(app, db, '/wrong-json', { ...read, work: async () => jsonOf({ id: 'a' }) })
  // @ts-expect-error a text that nobody has declared to be JSON
  readRoute(app, db, '/text', { ...read, work: async () => 'a' })
  assert.ok(app.hasRoute({ method: 'GET', url: '/right' }))
})

test('a write whose result differs from its response schema does not compile', () => {
  const write = { ...shared, params: IdPath, response: Note }
  writeRoute(app, db, 'POST', '/right/:id', { ...write, work: async (_, { params }) => ({ ...note, id: params.id }) })
  writeRoute(app, db, 'DELETE', '/right/:id', { ...shared, work: async () => 'a 204 has no body' })
  // @ts-expect-error pages is null
  writeRoute(app, db, 'POST', '/wrong-type/:id', { ...write, work: async () => ({ ...note, pages: null }) })
  // @ts-expect-error the record has no slug
  writeRoute(app, db, 'POST', '/location/:id', { ...write, work: async () => note, location: ({ slug }) => slug })
  // @ts-expect-error the path has no slug
  writeRoute(app, db, 'POST', '/queue/:id', { ...write, work: async () => note, queue: ({ params }) => [params.slug] })
  assert.ok(app.hasRoute({ method: 'DELETE', url: '/right/:id' }))
})

test('a plain route whose result differs from its response schema does not compile', () => {
  const plain = { open: true, tags: ['notes'], ...words, response: Note } as const
  plainRoute(app, 'GET', '/plain', { ...plain, work: () => note })
  plainRoute(app, 'GET', '/sent', {
    ...plain,
    responses: { 503: Note },
    work: (_, reply) => reply.code(503).send(note),
  })
  // @ts-expect-error id is missing
  plainRoute(app, 'GET', '/wrong-plain', { ...plain, work: () => ({ pages: 1, author: null }) })
  assert.ok(app.hasRoute({ method: 'GET', url: '/plain' }))
})
