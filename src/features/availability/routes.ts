// Routes of /api/v1/availability. Blocks are in block-routes.ts.
import { CursorInvalidError, PropertyNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { blockRoutes } from './block-routes.ts'
import { explainStay, readCalendar, readOverview } from './calendar.ts'
import { Calendar, CalendarQuery, ExplainQuery, Explanation, Overview, OverviewQuery } from './schema.ts'

const tags = ['availability']

export function availabilityRoutes(app: Api, deps: ApiDeps): void {
  const { db, cursors } = deps
  app.get(
    '/availability',
    {
      config: { can: 'availability:read', errors: [PropertyNotFoundError] },
      schema: {
        tags,
        summary: 'Read the calendar of a property: free and taken intervals, and its booking rules',
        querystring: CalendarQuery,
        response: { 200: Calendar },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => readCalendar(tx, req.query)),
  )

  app.get(
    '/availability/overview',
    {
      config: { can: 'availability:read', errors: [CursorInvalidError] },
      schema: {
        tags,
        summary: 'Read the calendars of all properties',
        querystring: OverviewQuery,
        response: { 200: Overview },
      },
    },
    async (req, reply) => {
      const json = await db.tenantRead(req.actor, (tx) => readOverview(tx, cursors, req.query), 'scan')
      return reply.type('application/json; charset=utf-8').send(json as never) as never
    },
  )

  app.get(
    '/availability/explain',
    {
      config: { can: 'availability:read', errors: [PropertyNotFoundError] },
      schema: {
        tags,
        summary: 'Check whether a stay can be booked, with the result of every rule',
        querystring: ExplainQuery,
        response: { 200: Explanation },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => explainStay(tx, req.query)),
  )

  blockRoutes(app, deps)
}
