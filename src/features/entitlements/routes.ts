// /api/v1/features: the optional features of the agency.
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { listFeatures } from './entitlements.ts'
import { FeatureList } from './schema.ts'

export function entitlementRoutes(app: Api, { config, db }: ApiDeps): void {
  readRoute(app, db, '/features', {
    can: 'features:read',
    tags: ['agency'],
    operationId: 'listFeatures',
    summary: 'List the optional features',
    description: 'Which optional features this deployment has and your agency may use.',
    response: FeatureList,
    work: async (tx) => ({ items: await listFeatures(tx, config.modules_enabled) }),
  })
}
