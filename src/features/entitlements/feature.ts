// What the feature entitlements declares.
import type { Feature } from '../../http/feature.ts'
import { entitlementRoutes } from './routes.ts'

export const entitlements: Feature = {
  name: 'entitlements',
  routes: entitlementRoutes,
  permissions: ['features:read'],
  events: {
    'feature.disabled': 'The operator disabled an optional feature for the agency.',
    'feature.enabled': 'The operator enabled an optional feature for the agency.',
  },
  tables: ['agency_features'],
}
