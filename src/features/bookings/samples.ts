// Sample requests of the routes in this folder.
import type { SampleContext, Samples } from '../../http/samples.ts'

const made = async (on: SampleContext, fields: object = {}) => `bookings/${await on.make('POST /bookings', fields)}`

export const samples: Samples = {
  'POST /bookings': {
    request: async (on) => ({
      path: 'bookings',
      body: { property_id: on.property_id, ...on.nights(), num_adults: 1 },
    }),
    events: ['booking.created'],
    kept: { '/external_code': "the channel's number of the booking, needed to match payouts and repeated imports" },
  },
  'PATCH /bookings/:id': {
    request: async (on) => ({ path: await made(on), body: { num_pets: 1 } }),
    events: ['booking.updated'],
  },
  'DELETE /bookings/:id': {
    request: async (on) => ({ path: await made(on) }),
    events: ['booking.deleted'],
  },
  'PATCH /bookings/:id/status': {
    request: async (on) => ({ path: `${await made(on, { status: 'pending' })}/status`, body: { status: 'confirmed' } }),
    events: ['booking.confirmed'],
  },
  'PATCH /bookings/:id/refund': {
    request: async (on) => ({
      path: `${await made(on, { payment_status: 'paid' })}/refund`,
      body: { refund_cents: 100, refund_reason: 'No hot water' },
    }),
    events: ['booking.refunded'],
  },
  'POST /bookings/:id/cancellation': {
    request: async (on) => ({ path: `${await made(on)}/cancellation`, body: { cancelled_by: 'guest' } }),
    events: ['booking.cancelled'],
  },
  'POST /bookings/:id/split': {
    async request(on) {
      const nights = on.nights()
      const check_in = `${nights.check_in.slice(0, -2)}03`
      return { path: `${await made(on, nights)}/split`, body: { property_id: on.other_property_id, check_in } }
    },
    events: ['booking.split', 'booking.created'],
  },
}
