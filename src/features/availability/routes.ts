// /api/v1/availability: path, who may, schema, one call. Blocks are in block-routes.ts.
import { CursorInvalidError, PropertyNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { blockRoutes } from './block-routes.ts'
import { explain, readCalendar, readOverview } from './calendar.ts'
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
        summary: 'Read the calendar of a property: what is free, what is taken, which rules hold',
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
        summary: 'Read the calendars of all properties at once',
        querystring: OverviewQuery,
        response: { 200: Overview },
      },
    },
    async (req, reply) => {
      // A page has up to 5,000 properties, with all their nights.
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
        summary: 'Ask whether a stay can be booked, and why not',
        querystring: ExplainQuery,
        response: { 200: Explanation },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => explain(tx, req.query)),
  )

  blockRoutes(app, deps)
}
