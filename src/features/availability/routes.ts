// Routes of /api/v1/availability. Blocks are in block-routes.ts.
import { CursorInvalidError, PropertyNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { blockRoutes } from './block-routes.ts'
import { explainStay, readCalendar, readOverview } from './calendar.ts'
import { Calendar, CalendarQuery, ExplainQuery, Explanation, Overview, OverviewQuery } from './schema.ts'

const tags = ['availability']

export function availabilityRoutes(app: Api, deps: ApiDeps): void {
  const { db, cursors } = deps
  readRoute(app, db, '/availability', {
    can: 'availability:read',
    errors: [PropertyNotFoundError],
    tags,
    operationId: 'getAvailability',
    summary: 'Read the calendar of a property: free and taken intervals, and its booking rules',
    description: 'The intervals follow each other without gaps, so that the free ones can be offered as they are.',
    querystring: CalendarQuery,
    response: Calendar,
    work: (tx, req) => readCalendar(tx, req.query),
  })

  readRoute(app, db, '/availability/overview', {
    can: 'availability:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listAvailability',
    summary: 'Read the calendars of all properties',
    description: 'For a calendar of many properties. Each row lists what takes nights in the range.',
    querystring: OverviewQuery,
    response: Overview,
    cost: 'scan',
    work: (tx, req) => readOverview(tx, cursors, req.query),
  })

  readRoute(app, db, '/availability/explain', {
    can: 'availability:read',
    errors: [PropertyNotFoundError],
    tags,
    operationId: 'explainStay',
    summary: 'Check whether a stay can be booked, with the result of every rule',
    description: 'Reserves nothing. A later booking is checked again.',
    querystring: ExplainQuery,
    response: Explanation,
    work: (tx, req) => explainStay(tx, req.query),
  })

  blockRoutes(app, deps)
}
