// What the feature search declares. Its permissions belong to availability and bookings.
import type { Feature } from '../../http/feature.ts'
import { searchRoutes } from './routes.ts'

export const search: Feature = {
  name: 'search',
  routes: searchRoutes,
  errors: ['CURSOR_INVALID'],
}
