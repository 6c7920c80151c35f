// What the feature agencies declares.
import type { Feature } from '../../http/feature.ts'
import { agencyRoutes } from './routes.ts'

export const agencies: Feature = {
  name: 'agencies',
  routes: agencyRoutes,
  permissions: ['agency:read', 'agency:update'],
  errors: ['VERSION_MISMATCH'],
  events: {
    'agency.created': 'The operator created the agency.',
    'agency.exported': 'The operator wrote the data of the agency to a file (roost export).',
    'agency.updated': 'Settings of the agency changed.',
  },
  tables: ['agencies'],
}
