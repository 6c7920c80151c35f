// Routes of /api/v1/conflicts.
import { ConflictNotFoundError, CursorInvalidError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { conflictsCost, getConflict, listConflicts } from './conflicts.ts'
import { Conflict, ConflictPage, ConflictQuery } from './schema.ts'

const tags = ['conflicts']

export function channelRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/conflicts', {
    can: 'conflicts:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listConflicts',
    summary: 'List conflicts, newest first',
    description:
      'Stays that a channel has sold and that are not in the calendar as the channel says, because other bookings have the nights or people have changed the booking. A conflict takes no nights. Owners see those of their own properties.',
    querystring: ConflictQuery,
    response: ConflictPage,
    cost: (req) => conflictsCost(req.query),
    work: (tx, req) => listConflicts(tx, cursors, req.query),
  })

  readRoute(app, db, '/conflicts/:id', {
    can: 'conflicts:read',
    errors: [ConflictNotFoundError],
    tags,
    operationId: 'getConflict',
    summary: 'Read a conflict',
    description: 'One conflict, open or resolved.',
    params: IdPath,
    response: Conflict,
    work: (tx, req) => getConflict(tx, req.params.id),
  })
}
