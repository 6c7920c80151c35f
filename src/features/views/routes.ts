// Routes of /api/v1/me/views.
import { ConflictError, CursorInvalidError, VersionMismatchError } from '../../core/errors.ts'
import { ViewNotFoundError } from '../../core/request-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { NewView, View, ViewPage, ViewPatch, ViewQuery } from './schema.ts'
import { createView, deleteView, getView, listViews, updateView } from './views.ts'

const tags = ['team']
const can = 'views:write'

export function viewRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/me/views', {
    can,
    errors: [CursorInvalidError],
    tags,
    operationId: 'listViews',
    summary: 'List my saved views',
    description: 'Filters that you saved in this agency, by name. Nobody else sees them.',
    querystring: ViewQuery,
    response: ViewPage,
    work: (tx, req) => listViews(tx, cursors, req.query),
  })

  readRoute(app, db, '/me/views/:id', {
    can,
    errors: [ViewNotFoundError],
    tags,
    operationId: 'getView',
    summary: 'Read one of my saved views',
    description: 'As in the list.',
    params: IdPath,
    response: View,
    work: (tx, req) => getView(tx, req.params.id),
  })
  changeRoutes(app, db)
}

function changeRoutes(app: Api, db: ApiDeps['db']): void {
  writeRoute(app, db, 'POST', '/me/views', {
    can,
    errors: [ConflictError],
    tags,
    operationId: 'createView',
    summary: 'Save a view',
    description:
      'At most 50 in an agency, each list with its own names. A text that was searched for in bookings or guests is not saved.',
    body: NewView,
    response: View,
    status: 201,
    queue: (req) => [req.actor.id],
    work: (tx, req) => createView(tx, req.body),
    location: ({ id }) => `/api/v1/me/views/${id}`,
  })

  writeRoute(app, db, 'PATCH', '/me/views/:id', {
    can,
    errors: [ConflictError, ViewNotFoundError, VersionMismatchError],
    tags,
    operationId: 'updateView',
    summary: 'Rename a view or replace its filters',
    description: 'The list stays.',
    params: IdPath,
    body: ViewPatch,
    response: View,
    work: (tx, req) => updateView(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/me/views/:id', {
    can,
    errors: [ViewNotFoundError, VersionMismatchError],
    tags,
    operationId: 'deleteView',
    summary: 'Delete a view',
    description: 'Cannot be undone.',
    params: IdPath,
    work: (tx, req) => deleteView(tx, req.params.id, ifMatchVersions(req)),
  })
}
