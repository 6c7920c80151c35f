// /api/v1/features: what the agency is entitled to.
import type { Api, ApiDeps } from '../../http/api.ts'
import { listFeatures } from './entitlements.ts'
import { FeatureList } from './schema.ts'

export function entitlementRoutes(app: Api, { config, db }: ApiDeps): void {
  app.get(
    '/features',
    {
      config: { can: 'features:read' },
      schema: { tags: ['agency'], summary: 'The optional features and who has them', response: { 200: FeatureList } },
    },
    async (req) => ({ items: await db.tenantRead(req.actor, (tx) => listFeatures(tx, config.modules_enabled)) }),
  )
}
