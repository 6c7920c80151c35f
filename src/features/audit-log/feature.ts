// What the feature audit-log declares. The log itself belongs to core/events.
import type { Feature } from '../../http/feature.ts'
import { auditRoutes } from './routes.ts'

export const auditLog: Feature = {
  name: 'audit-log',
  routes: auditRoutes,
  permissions: ['audit:read'],
  errors: ['CURSOR_INVALID', 'EXPORT_IN_PROGRESS'],
}
