// /api/v1/properties: routes with permissions and schemas.
import { Type } from 'typebox'
import {
  CursorInvalidError,
  PropertyHasBookingsError,
  PropertyNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions, sendVersioned } from '../../http/etag.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { deleteProperty } from './deletion.ts'
import { createProperty, getProperty, listProperties, propertiesCost, updateProperty } from './properties.ts'
import { NewProperty, Property, PropertyPage, PropertyPatch, PropertyQuery } from './schema.ts'

const tags = ['properties']

export function propertyRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/properties',
    {
      config: { can: 'properties:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List properties by name', querystring: PropertyQuery, response: { 200: PropertyPage } },
    },
    (req) =>
      db.tenantRead(req.actor, (tx) => listProperties(tx, cursors, req.query), propertiesCost(req.actor, req.query)),
  )

  app.post(
    '/properties',
    {
      config: { can: 'properties:create' },
      schema: { tags, summary: 'Create a property', body: NewProperty, response: { 201: Property } },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        status: 201,
        work: (tx) => createProperty(tx, req.body),
        location: ({ id }) => `/api/v1/properties/${id}`,
      }),
  )

  app.get(
    '/properties/:id',
    {
      config: { can: 'properties:read', errors: [PropertyNotFoundError] },
      schema: { tags, summary: 'Read a property', params: IdPath, response: { 200: Property } },
    },
    async (req, reply) =>
      sendVersioned(req, reply, await db.tenantRead(req.actor, (tx) => getProperty(tx, req.params.id))),
  )

  app.patch(
    '/properties/:id',
    {
      config: { can: 'properties:update', errors: [PropertyNotFoundError, VersionMismatchError] },
      schema: { tags, summary: 'Change a property', params: IdPath, body: PropertyPatch, response: { 200: Property } },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        status: 200,
        work: (tx) => updateProperty(tx, req.params.id, req.body, ifMatchVersions(req)),
      }),
  )

  app.delete(
    '/properties/:id',
    {
      config: {
        can: 'properties:delete',
        errors: [PropertyNotFoundError, PropertyHasBookingsError, VersionMismatchError],
      },
      schema: { tags, summary: 'Delete a property', params: IdPath, response: { 204: Type.Null() } },
    },
    (req, reply) =>
      mutation(db, req, reply, { status: 204, work: (tx) => deleteProperty(tx, req.params.id, ifMatchVersions(req)) }),
  )
}
