// What the feature today declares. Its permission, bookings:read, belongs to the feature bookings.
import type { Feature } from '../../http/feature.ts'
import { todayRoutes } from './routes.ts'

export const today: Feature = {
  name: 'today',
  routes: todayRoutes,
}
