// Sample requests of the routes in this folder.
import type { SampleContext, Samples } from '../../http/samples.ts'

const made = async (on: SampleContext) => `holds/${await on.make('POST /holds')}`

export const samples: Samples = {
  'POST /holds': {
    request: async (on) => ({ path: 'holds', body: { property_id: on.property_id, ...on.nights() } }),
    events: ['hold.created'],
  },
  'POST /holds/:id/booking': {
    request: async (on) => ({ path: `${await made(on)}/booking`, body: { num_adults: 2 } }),
    events: ['booking.created', 'hold.converted'],
    kept: { '/external_code': "the channel's number of the booking" },
  },
  'DELETE /holds/:id': {
    request: async (on) => ({ path: await made(on) }),
    events: ['hold.released'],
  },
  // The hold has no notes, so nothing changes.
  'DELETE /holds/:id/notes': {
    request: async (on) => ({ path: `${await made(on)}/notes` }),
    events: [],
  },
}
