// /api/v1/properties: path, who may, schema, one call.
import { Type } from 'typebox'
import { CursorInvalidError, PropertyHasBookingsError, PropertyNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { IdPath } from '../../http/schema.ts'
import { createProperty, deleteProperty, getProperty, listProperties, updateProperty } from './properties.ts'
import { NewProperty, Property, PropertyPage, PropertyPatch, PropertyQuery } from './schema.ts'

const tags = ['properties']

export function propertyRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/properties',
    {
      config: { can: 'properties:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List properties by name', querystring: PropertyQuery, response: { 200: PropertyPage } },
    },
    (req) => db.tenantRead(req.actor, (tx) => listProperties(tx, cursors, req.query)),
  )

  app.post(
    '/properties',
    {
      config: { can: 'properties:create' },
      schema: { tags, summary: 'Create a property', body: NewProperty, response: { 201: Property } },
    },
    async (req, reply) => {
      const property = await db.tenantTx(req.actor, (tx) => createProperty(tx, req.body))
      return reply.code(201).header('location', `/api/v1/properties/${property.id}`).send(property)
    },
  )

  app.get(
    '/properties/:id',
    {
      config: { can: 'properties:read', errors: [PropertyNotFoundError] },
      schema: { tags, summary: 'Read a property', params: IdPath, response: { 200: Property } },
    },
    (req) => db.tenantRead(req.actor, (tx) => getProperty(tx, req.params.id)),
  )

  app.patch(
    '/properties/:id',
    {
      config: { can: 'properties:update', errors: [PropertyNotFoundError] },
      schema: { tags, summary: 'Change a property', params: IdPath, body: PropertyPatch, response: { 200: Property } },
    },
    (req) => db.tenantTx(req.actor, (tx) => updateProperty(tx, req.params.id, req.body)),
  )

  app.delete(
    '/properties/:id',
    {
      config: { can: 'properties:delete', errors: [PropertyNotFoundError, PropertyHasBookingsError] },
      schema: { tags, summary: 'Delete a property', params: IdPath, response: { 204: Type.Null() } },
    },
    async (req, reply) => {
      await db.tenantTx(req.actor, (tx) => deleteProperty(tx, req.params.id))
      return reply.code(204).send(null)
    },
  )
}
