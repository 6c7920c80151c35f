// What the feature holds declares.
import type { Feature } from '../../http/feature.ts'
import { deleteExpiredNotes, expireHolds } from './expiry.ts'
import { holdRoutes } from './routes.ts'

export const holds: Feature = {
  name: 'holds',
  routes: holdRoutes,
  permissions: ['holds:read', 'holds:write'],
  errors: [
    'BOOKING_CONFLICT',
    'BOOKING_RULE_BROKEN',
    'CONFLICT',
    'CURSOR_INVALID',
    'GUEST_NOT_FOUND',
    'HOLD_EXPIRED',
    'HOLD_LIMIT_REACHED',
    'HOLD_NOT_FOUND',
    'PROPERTY_NOT_FOUND',
    'PROPERTY_UNAVAILABLE',
    'VERSION_MISMATCH',
  ],
  events: {
    'hold.converted': 'A hold became a booking.',
    'hold.created': 'Nights were reserved for some minutes.',
    'hold.expired': 'The nights of an expired hold were freed.',
    'hold.released': 'A hold was ended before its time.',
    'hold.updated': 'The notes of a hold were deleted.',
  },
  jobs: ({ db, log }) => ({
    'holds.expire': {
      cron: '* * * * *',
      async run(_data, signal) {
        log.info({ expired: await expireHolds(db, signal) }, 'occupancy rows of expired holds deleted')
      },
    },
    'holds.notes': {
      cron: '7 * * * *',
      async run(_data, signal) {
        log.info({ cleared: await deleteExpiredNotes(db, signal) }, 'notes of expired holds deleted')
      },
    },
  }),
  tables: ['holds'],
}
