// The route of /api/v1/today.
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { Today, TodayQuery } from './schema.ts'
import { readToday } from './today.ts'

export function todayRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/today', {
    can: 'bookings:read',
    tags: ['figures'],
    operationId: 'getToday',
    summary: 'Read who arrives, leaves and stays on a day, and what needs a decision',
    description:
      'Lists of at most 200 rows, as docs/figures.md defines them, with their totals. What your role may not read is absent.',
    querystring: TodayQuery,
    response: Today,
    cost: 'scan',
    work: (tx, req) => readToday(tx, cursors, req.query),
  })
}
