// /api/v1/properties: routes with permissions and schemas.
import {
  CursorInvalidError,
  PropertyHasBookingsError,
  PropertyNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { deleteProperty } from './deletion.ts'
import { createProperty, getProperty, listProperties, propertiesCost, updateProperty } from './properties.ts'
import { NewProperty, Property, PropertyPage, PropertyPatch, PropertyQuery } from './schema.ts'

const tags = ['properties']

export function propertyRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/properties', {
    can: 'properties:read',
    errors: [CursorInvalidError],
    tags,
    summary: 'List properties by name',
    querystring: PropertyQuery,
    response: PropertyPage,
    cost: (req) => propertiesCost(req.actor, req.query),
    work: (tx, req) => listProperties(tx, cursors, req.query),
  })

  writeRoute(app, db, 'POST', '/properties', {
    can: 'properties:create',
    tags,
    summary: 'Create a property',
    body: NewProperty,
    response: Property,
    status: 201,
    work: (tx, req) => createProperty(tx, req.body),
    location: ({ id }) => `/api/v1/properties/${id}`,
  })

  readRoute(app, db, '/properties/:id', {
    can: 'properties:read',
    errors: [PropertyNotFoundError],
    tags,
    summary: 'Read a property',
    params: IdPath,
    response: Property,
    work: (tx, req) => getProperty(tx, req.params.id),
  })

  writeRoute(app, db, 'PATCH', '/properties/:id', {
    can: 'properties:update',
    errors: [PropertyNotFoundError, VersionMismatchError],
    tags,
    summary: 'Change a property',
    params: IdPath,
    body: PropertyPatch,
    response: Property,
    work: (tx, req) => updateProperty(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/properties/:id', {
    can: 'properties:delete',
    errors: [PropertyNotFoundError, PropertyHasBookingsError, VersionMismatchError],
    tags,
    summary: 'Delete a property',
    params: IdPath,
    work: (tx, req) => deleteProperty(tx, req.params.id, ifMatchVersions(req)),
  })
}
