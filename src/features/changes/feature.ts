// What the feature changes declares. The events themselves belong to the other features.
import type { Feature } from '../../http/feature.ts'
import { changeRoutes } from './routes.ts'

export const changes: Feature = {
  name: 'changes',
  routes: changeRoutes,
  permissions: ['changes:read'],
}
