// Routes of /api/v1/holds.
import {
  BookingConflictError,
  BookingRuleBrokenError,
  ConflictError,
  CursorInvalidError,
  GuestNotFoundError,
  HoldExpiredError,
  HoldLimitReachedError,
  HoldNotFoundError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { Booking } from '../bookings/schema.ts'
import { bookHold, createHold, deleteNotes, getHold, holdsCost, listHolds, releaseHold } from './holds.ts'
import { Hold, HoldBooking, HoldPage, HoldQuery, NewHold } from './schema.ts'

const tags = ['holds']
const nightsErrors = [BookingConflictError, BookingRuleBrokenError, PropertyNotFoundError, PropertyUnavailableError]
const holdErrors = [HoldNotFoundError, HoldExpiredError, VersionMismatchError]

export function holdRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  deleteRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/holds', {
    can: 'holds:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listHolds',
    summary: 'List holds, newest first',
    description: 'Holds of all people of the agency, also those that have ended.',
    querystring: HoldQuery,
    response: HoldPage,
    cost: (req) => holdsCost(req.query),
    work: (tx, req) => listHolds(tx, cursors, req.query),
  })

  readRoute(app, db, '/holds/:id', {
    can: 'holds:read',
    errors: [HoldNotFoundError],
    tags,
    operationId: 'getHold',
    summary: 'Read a hold',
    description: 'One hold, with its status at this moment.',
    params: IdPath,
    response: Hold,
    work: (tx, req) => getHold(tx, req.params.id),
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  // createHold locks the holds of the user. Queued requests wait without a connection.
  writeRoute(app, db, 'POST', '/holds', {
    can: 'holds:write',
    errors: [...nightsErrors, HoldLimitReachedError],
    tags,
    operationId: 'createHold',
    summary: 'Create a hold: reserve nights for some minutes',
    description:
      'The settings hold_minutes and holds_per_user of the agency say how long a hold lasts and how many active holds a user can have.',
    body: NewHold,
    response: Hold,
    status: 201,
    queue: (req) => [req.actor.id, req.body.property_id],
    work: (tx, req) => createHold(tx, req.body),
    location: ({ id }) => `/api/v1/holds/${id}`,
  })

  writeRoute(app, db, 'POST', '/holds/:id/booking', {
    can: 'holds:write',
    errors: [...holdErrors, ...nightsErrors, GuestNotFoundError, ConflictError],
    tags,
    operationId: 'convertHold',
    summary: 'Convert a hold to a booking',
    description: 'Property and dates are those of the hold. Of concurrent requests, one creates the booking.',
    params: IdPath,
    body: HoldBooking,
    response: Booking,
    status: 201,
    queue: (req) => [req.params.id],
    work: (tx, req) => bookHold(tx, req.params.id, req.body, ifMatchVersions(req)),
    location: ({ id }) => `/api/v1/bookings/${id}`,
  })
}

function deleteRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'DELETE', '/holds/:id', {
    can: 'holds:write',
    errors: holdErrors,
    tags,
    operationId: 'releaseHold',
    summary: 'Release a hold: frees its nights and deletes its notes',
    description: 'A hold that has ended cannot be released.',
    params: IdPath,
    work: (tx, req) => releaseHold(tx, req.params.id, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/holds/:id/notes', {
    can: 'holds:write',
    errors: [HoldNotFoundError, VersionMismatchError],
    tags,
    operationId: 'deleteHoldNotes',
    summary: 'Delete the notes of a hold, whatever its status',
    description: 'For erasure requests. The notes of expired holds are deleted automatically after one day.',
    params: IdPath,
    work: (tx, req) => deleteNotes(tx, req.params.id, ifMatchVersions(req)),
  })
}
