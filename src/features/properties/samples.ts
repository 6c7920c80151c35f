// Sample requests of the routes in this folder.
import type { Samples } from '../../http/samples.ts'

const texts = ['name', 'description', 'address_line1', 'address_line2', 'city', 'postal_code'] as const
const kept = Object.fromEntries(texts.map((name) => [`/${name}`, 'describes the property']))

export const samples: Samples = {
  'POST /properties': {
    request: async () => ({
      path: 'properties',
      body: { name: 'Sample House', property_type: 'house', max_guests: 4 },
    }),
    events: ['property.created'],
    kept,
  },
  'PATCH /properties/:id': {
    request: async (on) => ({ path: `properties/${await on.make('POST /properties')}`, body: { city: 'Town' } }),
    events: ['property.updated'],
    kept,
  },
  'DELETE /properties/:id': {
    request: async (on) => ({ path: `properties/${await on.make('POST /properties')}` }),
    events: ['property.deleted'],
  },
}
