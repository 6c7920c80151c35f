// /api/v1/agency: the settings of the caller's agency.
import type { Api, ApiDeps } from '../../http/api.ts'
import { mutation } from '../../http/mutation.ts'
import { AgencyPatch, AgencySettings } from './schema.ts'
import { getSettings, updateSettings } from './settings.ts'

const tags = ['agency']

export function agencyRoutes(app: Api, { db, config: { ops_agency } }: ApiDeps): void {
  app.get(
    '/agency',
    {
      config: { can: 'agency:read' },
      schema: { tags, summary: 'Read my agency', response: { 200: AgencySettings } },
    },
    (req) => db.tenantRead(req.actor, (tx) => getSettings(tx, ops_agency)),
  )

  app.patch(
    '/agency',
    {
      config: { can: 'agency:update' },
      schema: { tags, summary: 'Change my agency', body: AgencyPatch, response: { 200: AgencySettings } },
    },
    (req, reply) => mutation(db, req, reply, { status: 200, work: (tx) => updateSettings(tx, req.body, ops_agency) }),
  )
}
