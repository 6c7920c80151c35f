// The routes of /api/v1/reports.
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { readPace } from './pace.ts'
import { Pace, PaceQuery } from './pace-schema.ts'
import { readReport } from './reports.ts'
import { Report, ReportQuery } from './schema.ts'

const tags = ['figures']

export function reportRoutes(app: Api, { db }: ApiDeps): void {
  readRoute(app, db, '/reports', {
    can: 'reports:read',
    tags,
    operationId: 'getReport',
    summary: 'Read occupancy, revenue and stays of a range, with those of the year before',
    description:
      'The range is half-open, of at most 400 days. docs/figures.md defines the figures. Owners see their own properties.',
    querystring: ReportQuery,
    response: Report,
    cost: 'scan',
    work: (tx, req) => readReport(tx, req.query),
  })

  readRoute(app, db, '/reports/pace', {
    can: 'reports:read',
    tags,
    operationId: 'getBookingPace',
    summary: 'Read what is booked by month of arrival, beside a year before',
    description:
      'On the books at the end of a day. `previous`: arrivals a year earlier, on `previous_day`; `previous_final`: in the end. ' +
      'docs/figures.md defines what counts. At most 400 days.',
    querystring: PaceQuery,
    response: Pace,
    cost: 'scan',
    work: (tx, req) => readPace(tx, req.query),
  })
}
