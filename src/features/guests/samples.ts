// Sample requests of the routes in this folder.
import type { SampleContext, Samples } from '../../http/samples.ts'

const made = async (on: SampleContext) => `guests/${await on.make('POST /guests')}`

export const samples: Samples = {
  'POST /guests': {
    request: async (on) => ({
      path: 'guests',
      body: { first_name: 'Ada', last_name: 'Lovelace', email: `ada-${on.unique()}@example.com` },
    }),
    events: ['guest.created'],
  },
  'PATCH /guests/:id': {
    request: async (on) => ({ path: await made(on), body: { first_name: 'Augusta' } }),
    events: ['guest.updated'],
  },
  'POST /guests/:id/merge': {
    request: async (on) => ({ path: `${await made(on)}/merge`, body: { guest_id: await on.make('POST /guests') } }),
    events: ['guest.updated', 'guest.merged'],
    status: 200,
  },
  'POST /guests/:id/unmerge': {
    async request(on) {
      const guest_id = await on.make('POST /guests')
      await on.make('POST /guests/:id/merge', { guest_id })
      return { path: `guests/${guest_id}/unmerge` }
    },
    events: ['guest.updated', 'guest.unmerged'],
  },
  'POST /guests/:id/anonymisation': {
    request: async (on) => ({ path: `${await made(on)}/anonymisation` }),
    events: ['guest.anonymised'],
  },
  'POST /guests/:id/export': {
    request: async (on) => ({ path: `${await made(on)}/export` }),
    events: ['guest.exported'],
  },
}
