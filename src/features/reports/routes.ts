// The route of /api/v1/reports.
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { readReport } from './reports.ts'
import { Report, ReportQuery } from './schema.ts'

export function reportRoutes(app: Api, { db }: ApiDeps): void {
  readRoute(app, db, '/reports', {
    can: 'reports:read',
    tags: ['figures'],
    operationId: 'getReport',
    summary: 'Read occupancy, revenue and stays of a range, with those of the year before',
    description:
      'The range is half-open: the night of `to` is not included. docs/figures.md defines the figures. Amounts are in minor units. Owners see their own properties.',
    querystring: ReportQuery,
    response: Report,
    cost: 'scan',
    work: (tx, req) => readReport(tx, req.query),
  })
}
