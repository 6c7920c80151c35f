// Routes of /api/v1/holds.
import { Type } from 'typebox'
import {
  BookingConflictError,
  ConflictError,
  CursorInvalidError,
  HoldExpiredError,
  HoldLimitReachedError,
  HoldNotFoundError,
  PropertyNotFoundError,
  PropertyUnavailableError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { Booking } from '../bookings/schema.ts'
import { bookHold, createHold, deleteNotes, getHold, holdsCost, listHolds, releaseHold } from './holds.ts'
import { Hold, HoldBooking, HoldPage, HoldQuery, NewHold } from './schema.ts'

const tags = ['holds']
const nightsErrors = [BookingConflictError, PropertyNotFoundError, PropertyUnavailableError]
const holdErrors = [HoldNotFoundError, HoldExpiredError]

export function holdRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  deleteRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/holds',
    {
      config: { can: 'holds:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List holds, newest first', querystring: HoldQuery, response: { 200: HoldPage } },
    },
    (req) => db.tenantRead(req.actor, (tx) => listHolds(tx, cursors, req.query), holdsCost(req.query)),
  )

  app.get(
    '/holds/:id',
    {
      config: { can: 'holds:read', errors: [HoldNotFoundError] },
      schema: { tags, summary: 'Read a hold', params: IdPath, response: { 200: Hold } },
    },
    (req) => db.tenantRead(req.actor, (tx) => getHold(tx, req.params.id)),
  )
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    '/holds',
    {
      config: { can: 'holds:write', errors: [...nightsErrors, HoldLimitReachedError] },
      schema: {
        tags,
        summary: 'Create a hold: reserve nights for some minutes',
        description:
          'The settings hold_minutes and holds_per_user of the agency say how long a hold lasts and how many active holds a user can have.',
        body: NewHold,
        response: { 201: Hold },
      },
    },
    // createHold locks the holds of the user. Queued requests wait without a connection.
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.actor.user_id ?? '', req.body.property_id],
        status: 201,
        work: (tx) => createHold(tx, req.body),
        location: ({ id }) => `/api/v1/holds/${id}`,
      }),
  )

  app.post(
    '/holds/:id/booking',
    {
      config: { can: 'holds:write', errors: [...holdErrors, ...nightsErrors, ConflictError] },
      schema: {
        tags,
        summary: 'Convert a hold to a booking',
        description: 'Property and dates are those of the hold. Of concurrent requests, one creates the booking.',
        params: IdPath,
        body: HoldBooking,
        response: { 201: Booking },
      },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.params.id],
        status: 201,
        work: (tx) => bookHold(tx, req.params.id, req.body),
        location: ({ id }) => `/api/v1/bookings/${id}`,
      }),
  )
}

function deleteRoutes(app: Api, { db }: ApiDeps): void {
  app.delete(
    '/holds/:id',
    {
      config: { can: 'holds:write', errors: holdErrors },
      schema: {
        tags,
        summary: 'Release a hold: frees its nights and deletes its notes',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) => mutation(db, req, reply, { status: 204, work: (tx) => releaseHold(tx, req.params.id) }),
  )

  app.delete(
    '/holds/:id/notes',
    {
      config: { can: 'holds:write', errors: [HoldNotFoundError] },
      schema: {
        tags,
        summary: 'Delete the notes of a hold, whatever its status',
        description: 'For erasure requests. The notes of expired holds are deleted automatically after one day.',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) => mutation(db, req, reply, { status: 204, work: (tx) => deleteNotes(tx, req.params.id) }),
  )
}
