// Routes of /api/v1/availability/blocks.
import {
  BlockNotFoundError,
  BookingConflictError,
  CursorInvalidError,
  PropertyNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { blocksCost, createBlock, createBlocks, deleteBlock, getBlock, listBlocks, updateBlock } from './blocks.ts'
import { Block, BlockPage, BlockPatch, BlockQuery, Blocks, NewBlock, NewBlocks } from './schema.ts'

const tags = ['availability']

export function blockRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/availability/blocks', {
    can: 'availability:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listBlocks',
    summary: 'List blocked nights, earliest first',
    description: 'Owners see the blocks of their own properties only.',
    querystring: BlockQuery,
    response: BlockPage,
    cost: (req) => blocksCost(req.actor, req.query),
    work: (tx, req) => listBlocks(tx, cursors, req.query),
  })

  readRoute(app, db, '/availability/blocks/:id', {
    can: 'availability:read',
    errors: [BlockNotFoundError],
    tags,
    operationId: 'getBlock',
    summary: 'Read a block',
    description: 'One block.',
    params: IdPath,
    response: Block,
    work: (tx, req) => getBlock(tx, req.params.id),
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/availability/blocks', {
    can: 'blocks:write',
    errors: [BookingConflictError, PropertyNotFoundError],
    tags,
    operationId: 'createBlock',
    summary: 'Block nights',
    description: 'Nobody can book these nights. Refused if one of them is taken.',
    body: NewBlock,
    response: Block,
    status: 201,
    queue: (req) => [req.body.property_id],
    work: (tx, req) => createBlock(tx, req.body),
    location: ({ id }) => `/api/v1/availability/blocks/${id}`,
  })

  writeRoute(app, db, 'POST', '/availability/blocks/batch', {
    can: 'blocks:write',
    errors: [BookingConflictError, PropertyNotFoundError],
    tags,
    operationId: 'createBlocks',
    summary: 'Block the same nights of several properties',
    description:
      'All or nothing: if one of the nights is taken in one of them, nothing is blocked, and `meta.property_id` names the property.',
    body: NewBlocks,
    response: Blocks,
    status: 201,
    queue: (req) => req.body.property_ids,
    work: (tx, req) => createBlocks(tx, req.body),
  })

  writeRoute(app, db, 'PATCH', '/availability/blocks/:id', {
    can: 'blocks:write',
    errors: [BlockNotFoundError, BookingConflictError, PropertyNotFoundError, VersionMismatchError],
    tags,
    operationId: 'updateBlock',
    summary: 'Change a block',
    description: 'Other nights must be free.',
    params: IdPath,
    body: BlockPatch,
    response: Block,
    queue: (req) => [req.params.id],
    work: (tx, req) => updateBlock(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/availability/blocks/:id', {
    can: 'blocks:write',
    errors: [BlockNotFoundError, VersionMismatchError],
    tags,
    operationId: 'deleteBlock',
    summary: 'Delete a block',
    description: 'The nights can be booked at once.',
    params: IdPath,
    work: (tx, req) => deleteBlock(tx, req.params.id, ifMatchVersions(req)),
  })
}
