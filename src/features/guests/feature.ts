// What the feature guests declares.
import type { Feature } from '../../http/feature.ts'
import { guestRoutes } from './routes.ts'

export const guests: Feature = {
  name: 'guests',
  routes: guestRoutes,
  permissions: ['guests:erase', 'guests:read', 'guests:write'],
  errors: ['CONFLICT', 'CURSOR_INVALID', 'EXPORT_IN_PROGRESS', 'GUEST_NOT_FOUND', 'VERSION_MISMATCH'],
  events: {
    'guest.anonymised': 'The personal data of a guest was erased.',
    'guest.created': 'A guest was created, also with a booking.',
    'guest.exported': 'The personal data of a guest was exported.',
    'guest.merged': 'The guest was merged into another, which has its bookings now.',
    'guest.unmerged': 'The merge of the guest into another was undone; it has its bookings again.',
    'guest.updated': 'Fields of a guest changed.',
  },
  tables: ['guests'],
}
