// /api/v1/holds: path, who may, schema, one call.
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
import { change } from '../../http/change.ts'
import { IdPath } from '../../http/schema.ts'
import { Booking } from '../bookings/schema.ts'
import { bookHold, createHold, deleteNotes, getHold, holdsCost, listHolds, releaseHold } from './holds.ts'
import { Hold, HoldBooking, HoldPage, HoldQuery, NewHold } from './schema.ts'

const tags = ['holds']
const onNights = [BookingConflictError, PropertyNotFoundError, PropertyUnavailableError]
const onHold = [HoldNotFoundError, HoldExpiredError]

export function holdRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  endRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/holds',
    {
      config: { can: 'holds:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List holds, the newest first', querystring: HoldQuery, response: { 200: HoldPage } },
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
      config: { can: 'holds:write', errors: [...onNights, HoldLimitReachedError] },
      schema: {
        tags,
        summary: 'Keep nights for somebody for some minutes',
        description: 'As many minutes, and as many holds per person at once, as the agency has set.',
        body: NewHold,
        response: { 201: Hold },
      },
    },
    // One person's holds wait for each other anyway: better here than each with a connection.
    (req, reply) =>
      change(db, req, reply, {
        queue: [req.actor.user_id ?? '', req.body.property_id],
        status: 201,
        work: (tx) => createHold(tx, req.body),
        location: ({ id }) => `/api/v1/holds/${id}`,
      }),
  )

  app.post(
    '/holds/:id/booking',
    {
      config: { can: 'holds:write', errors: [...onHold, ...onNights, ConflictError] },
      schema: {
        tags,
        summary: 'Book the stay that is held',
        description: 'Property and dates are those of the hold. Of two who try at once one gets a booking.',
        params: IdPath,
        body: HoldBooking,
        response: { 201: Booking },
      },
    },
    (req, reply) =>
      change(db, req, reply, {
        queue: [req.params.id],
        status: 201,
        work: (tx) => bookHold(tx, req.params.id, req.body),
        location: ({ id }) => `/api/v1/bookings/${id}`,
      }),
  )
}

function endRoutes(app: Api, { db }: ApiDeps): void {
  app.delete(
    '/holds/:id',
    {
      config: { can: 'holds:write', errors: onHold },
      schema: {
        tags,
        summary: 'Release a hold; its nights are free at once, its notes are deleted',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) => change(db, req, reply, { status: 204, work: (tx) => releaseHold(tx, req.params.id) }),
  )

  app.delete(
    '/holds/:id/notes',
    {
      config: { can: 'holds:write', errors: [HoldNotFoundError] },
      schema: {
        tags,
        summary: 'Delete the notes of a hold, whatever has become of it',
        description: 'For somebody who asks to be forgotten. Of holds that expire, notes are deleted a day later.',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) => change(db, req, reply, { status: 204, work: (tx) => deleteNotes(tx, req.params.id) }),
  )
}
