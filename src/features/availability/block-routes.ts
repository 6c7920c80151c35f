// Routes of /api/v1/availability/blocks.
import { Type } from 'typebox'
import {
  BlockNotFoundError,
  BookingConflictError,
  CursorInvalidError,
  PropertyNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions, sendVersioned } from '../../http/etag.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { blocksCost, createBlock, deleteBlock, getBlock, listBlocks, updateBlock } from './blocks.ts'
import { Block, BlockPage, BlockPatch, BlockQuery, NewBlock } from './schema.ts'

const tags = ['availability']

export function blockRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/availability/blocks',
    {
      config: { can: 'availability:read', errors: [CursorInvalidError] },
      schema: {
        tags,
        summary: 'List blocked nights, earliest first',
        querystring: BlockQuery,
        response: { 200: BlockPage },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => listBlocks(tx, cursors, req.query), blocksCost(req.actor, req.query)),
  )

  app.get(
    '/availability/blocks/:id',
    {
      config: { can: 'availability:read', errors: [BlockNotFoundError] },
      schema: { tags, summary: 'Read a block', params: IdPath, response: { 200: Block } },
    },
    async (req, reply) =>
      sendVersioned(req, reply, await db.tenantRead(req.actor, (tx) => getBlock(tx, req.params.id))),
  )
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    '/availability/blocks',
    {
      config: { can: 'blocks:write', errors: [BookingConflictError, PropertyNotFoundError] },
      schema: { tags, summary: 'Block nights', body: NewBlock, response: { 201: Block } },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.body.property_id],
        status: 201,
        work: (tx) => createBlock(tx, req.body),
        location: ({ id }) => `/api/v1/availability/blocks/${id}`,
      }),
  )

  app.patch(
    '/availability/blocks/:id',
    {
      config: {
        can: 'blocks:write',
        errors: [BlockNotFoundError, BookingConflictError, PropertyNotFoundError, VersionMismatchError],
      },
      schema: { tags, summary: 'Change a block', params: IdPath, body: BlockPatch, response: { 200: Block } },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.params.id],
        status: 200,
        work: (tx) => updateBlock(tx, req.params.id, req.body, ifMatchVersions(req)),
      }),
  )

  app.delete(
    '/availability/blocks/:id',
    {
      config: { can: 'blocks:write', errors: [BlockNotFoundError, VersionMismatchError] },
      schema: { tags, summary: 'Delete a block', params: IdPath, response: { 204: Type.Null() } },
    },
    (req, reply) =>
      mutation(db, req, reply, { status: 204, work: (tx) => deleteBlock(tx, req.params.id, ifMatchVersions(req)) }),
  )
}
