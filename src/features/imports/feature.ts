// What the feature imports declares. Its changes are those of other features.
import type { Feature } from '../../http/feature.ts'
import { importRoutes } from './routes.ts'

export const imports: Feature = {
  name: 'imports',
  routes: importRoutes,
  permissions: ['imports:write'],
  errors: ['IMPORT_IN_PROGRESS', 'IMPORT_REFUSED'],
  tables: ['listing_aliases'],
}
