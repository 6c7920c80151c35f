// Sample requests of the routes in this folder.
import type { Samples } from '../../http/samples.ts'

export const samples: Samples = {
  'PATCH /agency': {
    request: async () => ({ path: 'agency', body: { hold_minutes: 20 } }),
    events: ['agency.updated'],
    kept: { '/name': "the agency's own name" },
  },
}
