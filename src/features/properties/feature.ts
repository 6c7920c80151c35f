// What the feature properties declares.
import type { Feature } from '../../http/feature.ts'
import { propertyRoutes } from './routes.ts'

export const properties: Feature = {
  name: 'properties',
  routes: propertyRoutes,
  permissions: ['properties:create', 'properties:delete', 'properties:read', 'properties:update'],
  errors: ['CURSOR_INVALID', 'PROPERTY_HAS_BOOKINGS', 'PROPERTY_NOT_FOUND', 'VERSION_MISMATCH'],
  events: {
    'property.created': 'A property was created, also by an import.',
    'property.deleted': 'A property was deleted. Its blocks and holds have events of their own.',
    'property.updated': 'Fields of a property changed.',
  },
  tables: ['properties'],
}
