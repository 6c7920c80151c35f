// What the feature views declares.
import type { Feature } from '../../http/feature.ts'
import { viewRoutes } from './routes.ts'

export const views: Feature = {
  name: 'views',
  routes: viewRoutes,
  permissions: ['views:write'],
  errors: ['CONFLICT', 'CURSOR_INVALID', 'VERSION_MISMATCH', 'VIEW_NOT_FOUND'],
  tables: ['saved_views'],
}
