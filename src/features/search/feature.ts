// What the feature search declares.
import type { Feature } from '../../http/feature.ts'
import { searchRoutes } from './routes.ts'

export const search: Feature = {
  name: 'search',
  routes: searchRoutes,
  permissions: ['availability:read', 'bookings:read'],
  errors: ['CURSOR_INVALID'],
}
