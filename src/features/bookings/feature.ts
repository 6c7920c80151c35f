// What the feature bookings declares.
import type { Feature } from '../../http/feature.ts'
import { checkLedger, createLedgerSubscriber } from './ledger-check.ts'
import { transitions } from './lifecycle.ts'
import { bookingRoutes } from './routes.ts'

const statusEvents = transitions.map(({ to }) => [`booking.${to}`, `The status of a booking became ${to}.`] as const)

export const bookings: Feature = {
  name: 'bookings',
  routes: bookingRoutes,
  permissions: [
    'bookings:cancel',
    'bookings:create',
    'bookings:delete',
    'bookings:history',
    'bookings:read',
    'bookings:transition',
    'bookings:update',
  ],
  errors: [
    'BOOKING_CANCELLED',
    'BOOKING_CONFLICT',
    'BOOKING_NOT_FOUND',
    'BOOKING_RULE_BROKEN',
    'CONFLICT',
    'CURSOR_INVALID',
    'EXPORT_IN_PROGRESS',
    'GUEST_NOT_FOUND',
    'INVALID_STATUS_TRANSITION',
    'PROPERTY_NOT_FOUND',
    'PROPERTY_UNAVAILABLE',
    'STATUS_TOO_EARLY',
    'VERSION_MISMATCH',
  ],
  events: {
    'booking.created': 'A booking was created, also by a split, a hold or an import.',
    'booking.deleted': 'A booking was deleted.',
    'booking.refunded': 'The refund of a booking was set or corrected without a cancellation.',
    'booking.split': 'A booking ends earlier. Its second part is a new booking.',
    'booking.updated': 'Fields of a booking changed, or an import corrected it.',
    ...Object.fromEntries(statusEvents),
  },
  jobs: ({ db, log }) => ({
    'ledger.check': {
      cron: '41 2 * * *',
      batch_size: 50,
      async run({ agency_id }, signal) {
        const { findings, ...counts } = await checkLedger(db, agency_id, signal)
        if (findings.length > 0) log.error({ ...counts, findings }, 'bookings and the ledger disagree')
      },
    },
  }),
  subscribers: ({ log }) => [createLedgerSubscriber(log)],
  tables: ['bookings'],
}
