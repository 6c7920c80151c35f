// Sample requests of the routes in this folder.
import type { SampleContext, Samples } from '../../http/samples.ts'

const made = async (on: SampleContext) => `availability/blocks/${await on.make('POST /availability/blocks')}`

export const samples: Samples = {
  'POST /availability/blocks': {
    async request({ property_id, nights }) {
      const { check_in: start_date, check_out: end_date } = nights()
      return { path: 'availability/blocks', body: { property_id, start_date, end_date, reason: 'other' } }
    },
    events: ['block.created'],
  },
  'POST /availability/blocks/batch': {
    async request({ property_id, nights }) {
      const { check_in: start_date, check_out: end_date } = nights()
      return {
        path: 'availability/blocks/batch',
        body: { property_ids: [property_id], start_date, end_date, reason: 'other' },
      }
    },
    events: ['block.created'],
  },
  'PATCH /availability/blocks/:id': {
    request: async (on) => ({ path: await made(on), body: { reason: 'maintenance' } }),
    events: ['block.updated'],
  },
  'DELETE /availability/blocks/:id': {
    request: async (on) => ({ path: await made(on) }),
    events: ['block.deleted'],
  },
}
