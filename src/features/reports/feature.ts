// What the feature reports declares.
import type { Feature } from '../../http/feature.ts'
import { reportRoutes } from './routes.ts'

export const reports: Feature = {
  name: 'reports',
  routes: reportRoutes,
  permissions: ['reports:read'],
}
