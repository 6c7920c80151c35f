// What the feature ops declares.
import type { Feature } from '../../http/feature.ts'
import { opsRoutes } from './routes.ts'

export const ops: Feature = {
  name: 'ops',
  routes: opsRoutes,
  prefix: '',
  permissions: ['ops:read'],
  errors: ['DATABASE_UNSUITABLE', 'SCHEMA_DRIFT', 'SHUTTING_DOWN', 'TENANCY_FINDINGS'],
}
