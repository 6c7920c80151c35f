// /api/v1/bookings. Status, cancellation, split and history are in lifecycle-routes.ts.
import { Type } from 'typebox'
import {
  BookingCancelledError,
  BookingConflictError,
  BookingNotFoundError,
  ConflictError,
  CursorInvalidError,
  InvalidStatusTransitionError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions, sendJson, sendVersioned } from '../../http/etag.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { createBooking } from './create.ts'
import { deleteBooking } from './delete.ts'
import { bookingsCost } from './filters.ts'
import { lifecycleRoutes } from './lifecycle-routes.ts'
import { getBooking, listBookings } from './list.ts'
import { BookingQuery } from './list-schema.ts'
import { Booking, BookingPage, BookingPatch, NewBooking } from './schema.ts'
import { updateBooking } from './update.ts'

const tags = ['bookings']
const createErrors = [BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, ConflictError]
const updateErrors = [
  BookingNotFoundError,
  BookingConflictError,
  BookingCancelledError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  VersionMismatchError,
]
const deleteErrors = [BookingNotFoundError, InvalidStatusTransitionError, VersionMismatchError]

export function bookingRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  lifecycleRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/bookings',
    {
      config: { can: 'bookings:read', errors: [CursorInvalidError] },
      schema: {
        tags,
        summary: 'List bookings, latest arrival first by default',
        querystring: BookingQuery,
        response: { 200: BookingPage },
      },
    },
    async ({ actor, query }, reply) =>
      sendJson(reply, await db.tenantRead(actor, (tx) => listBookings(tx, cursors, query), bookingsCost(actor, query))),
  )

  app.get(
    '/bookings/:id',
    {
      config: { can: 'bookings:read', errors: [BookingNotFoundError] },
      schema: { tags, summary: 'Read a booking', params: IdPath, response: { 200: Booking } },
    },
    async (req, reply) =>
      sendVersioned(req, reply, await db.tenantRead(req.actor, (tx) => getBooking(tx, req.params.id))),
  )
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    '/bookings',
    {
      config: { can: 'bookings:create', errors: createErrors },
      schema: { tags, summary: 'Create a booking', body: NewBooking, response: { 201: Booking } },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.body.property_id],
        status: 201,
        work: (tx) => createBooking(tx, req.body),
        location: ({ id }) => `/api/v1/bookings/${id}`,
      }),
  )

  app.patch(
    '/bookings/:id',
    {
      config: { can: 'bookings:update', errors: updateErrors },
      schema: {
        tags,
        summary: 'Update a booking: dates, property, people, guest, price or notes',
        params: IdPath,
        body: BookingPatch,
        response: { 200: Booking },
      },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.body.property_id ?? req.params.id],
        status: 200,
        work: (tx) => updateBooking(tx, req.params.id, req.body, ifMatchVersions(req)),
      }),
  )

  app.delete(
    '/bookings/:id',
    {
      config: { can: 'bookings:delete', errors: deleteErrors },
      schema: {
        tags,
        summary: 'Delete a booking; its nights are free at once',
        description:
          'An open booking becomes cancelled by the host. Only an admin may delete a booking whose status is checked_in.',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        queue: [req.params.id],
        status: 204,
        work: (tx) => deleteBooking(tx, req.params.id, ifMatchVersions(req)),
      }),
  )
}
