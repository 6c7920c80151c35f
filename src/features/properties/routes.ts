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

export function propertyRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/properties', {
    can: 'properties:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listProperties',
    summary: 'List properties by name',
    description: 'Owners see their own properties only.',
    querystring: PropertyQuery,
    response: PropertyPage,
    cost: (req) => propertiesCost(req.actor, req.query),
    work: (tx, req) => listProperties(tx, cursors, req.query),
  })

  readRoute(app, db, '/properties/:id', {
    can: 'properties:read',
    errors: [PropertyNotFoundError],
    tags,
    operationId: 'getProperty',
    summary: 'Read a property',
    description: 'One property with its booking rules.',
    params: IdPath,
    response: Property,
    work: (tx, req) => getProperty(tx, req.params.id),
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/properties', {
    can: 'properties:create',
    tags,
    operationId: 'createProperty',
    summary: 'Create a property',
    description: 'A new property is active and accepts every stay until it gets booking rules.',
    body: NewProperty,
    response: Property,
    status: 201,
    work: (tx, req) => createProperty(tx, req.body),
    location: ({ id }) => `/api/v1/properties/${id}`,
  })

  writeRoute(app, db, 'PATCH', '/properties/:id', {
    can: 'properties:update',
    errors: [PropertyNotFoundError, VersionMismatchError],
    tags,
    operationId: 'updateProperty',
    summary: 'Change a property',
    description: 'Changes the members that the body names. Existing bookings stay as they are.',
    params: IdPath,
    body: PropertyPatch,
    response: Property,
    work: (tx, req) => updateProperty(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/properties/:id', {
    can: 'properties:delete',
    errors: [PropertyNotFoundError, PropertyHasBookingsError, VersionMismatchError],
    tags,
    operationId: 'deleteProperty',
    summary: 'Delete a property',
    description: 'Refused while the property has current or future bookings. Past bookings keep its name.',
    params: IdPath,
    work: (tx, req) => deleteProperty(tx, req.params.id, ifMatchVersions(req)),
  })
}
