// /api/v1/agency: the settings of the caller's agency.
import { VersionMismatchError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { AgencyPatch, AgencySettings } from './schema.ts'
import { getSettings, updateSettings } from './settings.ts'

const tags = ['agency']

export function agencyRoutes(app: Api, { db, config: { ops_agency } }: ApiDeps): void {
  readRoute(app, db, '/agency', {
    can: 'agency:read',
    tags,
    operationId: 'getAgency',
    summary: 'Read my agency',
    description: 'The settings of the agency of the request.',
    response: AgencySettings,
    work: (tx) => getSettings(tx, ops_agency),
  })

  writeRoute(app, db, 'PATCH', '/agency', {
    can: 'agency:update',
    errors: [VersionMismatchError],
    tags,
    operationId: 'updateAgency',
    summary: 'Change my agency',
    description: 'Changes the members that the body names; the others stay as they are.',
    body: AgencyPatch,
    response: AgencySettings,
    work: (tx, req) => updateSettings(tx, req.body, ops_agency, ifMatchVersions(req)),
  })
}
