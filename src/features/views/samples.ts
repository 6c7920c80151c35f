// Sample requests of the routes in this folder.
import type { SampleContext, Samples } from '../../http/samples.ts'

const made = async (on: SampleContext) => `me/views/${await on.make('POST /me/views')}`

/** A view is a setting of one person: no entry in the audit log. */
const events: readonly string[] = []
const kept = {
  '/name': 'a label of the member who saved the view, seen by nobody else',
  '/filters/q': 'part of the name or the city of a property',
} as const

export const samples: Samples = {
  'POST /me/views': {
    request: async (on) => ({
      path: 'me/views',
      body: { list: 'properties', name: `View ${on.unique()}`, filters: { q: 'Graz' } },
    }),
    events,
    kept,
  },
  'PATCH /me/views/:id': {
    request: async (on) => ({ path: await made(on), body: { name: `Renamed ${on.unique()}` } }),
    events,
    kept,
  },
  'DELETE /me/views/:id': {
    request: async (on) => ({ path: await made(on) }),
    events,
  },
}
