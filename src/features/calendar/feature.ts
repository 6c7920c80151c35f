// What the feature calendar declares. Its permission belongs to the feature availability.
import type { Feature } from '../../http/feature.ts'
import { calendarRoutes } from './routes.ts'

export const calendar: Feature = {
  name: 'calendar',
  routes: calendarRoutes,
}
