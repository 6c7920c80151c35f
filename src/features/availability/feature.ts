// What the feature availability declares.
import type { Feature } from '../../http/feature.ts'
import { availabilityRoutes } from './routes.ts'

export const availability: Feature = {
  name: 'availability',
  routes: availabilityRoutes,
  permissions: ['availability:read', 'blocks:write'],
  errors: ['BLOCK_NOT_FOUND', 'BOOKING_CONFLICT', 'CURSOR_INVALID', 'PROPERTY_NOT_FOUND', 'VERSION_MISMATCH'],
  events: {
    'block.created': 'Nights were blocked.',
    'block.deleted': 'A block was deleted, or its property was.',
    'block.updated': 'Dates, reason or notes of a block changed.',
  },
  tables: ['blocks', 'occupancies'],
}
