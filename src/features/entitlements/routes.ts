// /api/v1/features: the optional features of the agency.
import type { Api, ApiDeps } from '../../http/api.ts'
import { listFeatures } from './entitlements.ts'
import { FeatureList } from './schema.ts'

export function entitlementRoutes(app: Api, { config, db }: ApiDeps): void {
  app.get(
    '/features',
    {
      config: { can: 'features:read' },
      schema: { tags: ['agency'], summary: 'List the optional features', response: { 200: FeatureList } },
    },
    async (req) => ({ items: await db.tenantRead(req.actor, (tx) => listFeatures(tx, config.modules_enabled)) }),
  )
}
