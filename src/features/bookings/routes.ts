// /api/v1/bookings. Status, cancellation, split and history are in lifecycle-routes.ts.
import {
  BookingCancelledError,
  BookingConflictError,
  BookingNotFoundError,
  BookingRuleBrokenError,
  ConflictError,
  CursorInvalidError,
  GuestNotFoundError,
  InvalidStatusTransitionError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  VersionMismatchError,
} from '../../core/errors.ts'
import { ExportInProgressError } from '../../core/request-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { csvLimits, csvResponses, sendCsv } from '../../http/csv-download.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { plainRoute, readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { createBooking } from './create.ts'
import { deleteBooking } from './delete.ts'
import { exportBookings } from './export.ts'
import { bookingsCost } from './filters.ts'
import { lifecycleRoutes } from './lifecycle-routes.ts'
import { getBooking, listBookings } from './list.ts'
import { BookingFilter, BookingQuery } from './list-schema.ts'
import { Booking, BookingPage, BookingPatch, NewBooking } from './schema.ts'
import { updateBooking } from './update.ts'

const tags = ['bookings']
const createErrors = [
  BookingConflictError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  BookingRuleBrokenError,
  GuestNotFoundError,
  ConflictError,
]
const updateErrors = [
  BookingNotFoundError,
  BookingConflictError,
  BookingCancelledError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  BookingRuleBrokenError,
  GuestNotFoundError,
  ConflictError,
  VersionMismatchError,
]
const deleteErrors = [BookingNotFoundError, InvalidStatusTransitionError, VersionMismatchError]

export function bookingRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  lifecycleRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors, exports }: ApiDeps): void {
  readRoute(app, db, '/bookings', {
    can: 'bookings:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listBookings',
    summary: 'List bookings, latest arrival first by default',
    description: 'Which members a booking has depends on your role: owners see no guests, accountants no notes.',
    querystring: BookingQuery,
    response: BookingPage,
    cost: (req) => bookingsCost(req.actor, req.query),
    work: (tx, req) => listBookings(tx, cursors, req.query),
  })

  plainRoute(app, 'GET', '/bookings/export', {
    can: 'bookings:read',
    errors: [ExportInProgressError],
    tags,
    operationId: 'exportBookings',
    summary: 'Export bookings as CSV',
    description: `The bookings of the list by arrival, one line each, with the members that your role may see: for an accountant the nights, amounts and tax of a month. Amounts are in the smallest unit of the currency. ${csvLimits}`,
    querystring: BookingFilter,
    responses: csvResponses,
    work: (req, reply) => {
      const open = () => exportBookings(db, cursors, req.actor, req.query)
      return sendCsv(req, reply, { exports, name: 'bookings.csv', open })
    },
  })

  readRoute(app, db, '/bookings/:id', {
    can: 'bookings:read',
    errors: [BookingNotFoundError],
    tags,
    operationId: 'getBooking',
    summary: 'Read a booking',
    description: 'One booking, with the members that your role may see.',
    params: IdPath,
    response: Booking,
    work: (tx, req) => getBooking(tx, req.params.id),
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/bookings', {
    can: 'bookings:create',
    errors: createErrors,
    tags,
    operationId: 'createBooking',
    summary: 'Create a booking',
    description:
      'The nights are checked against other stays, blocks, holds and the rules of the property. Of concurrent requests for one night, one succeeds.',
    body: NewBooking,
    response: Booking,
    status: 201,
    queue: (req) => [req.body.property_id],
    work: (tx, req) => createBooking(tx, req.body),
    location: ({ id }) => `/api/v1/bookings/${id}`,
  })

  writeRoute(app, db, 'PATCH', '/bookings/:id', {
    can: 'bookings:update',
    errors: updateErrors,
    tags,
    operationId: 'updateBooking',
    summary: 'Update a booking: dates, property, people, guest, price or notes',
    description:
      'Changes the members that the body names. Other nights, or another property, must be free; rules of sale do not apply to a guest who is checked in. The price stays unless you change it; with other nights and a nightly rate, the price of the nights changes in proportion.',
    params: IdPath,
    body: BookingPatch,
    response: Booking,
    queue: (req) => [req.body.property_id ?? req.params.id],
    work: (tx, req) => updateBooking(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/bookings/:id', {
    can: 'bookings:delete',
    errors: deleteErrors,
    tags,
    operationId: 'deleteBooking',
    summary: 'Delete a booking; its nights are free at once',
    description:
      'An open booking becomes cancelled by the host. Only an admin may delete a booking whose status is checked_in.',
    params: IdPath,
    queue: (req) => [req.params.id],
    work: (tx, req) => deleteBooking(tx, req.params.id, ifMatchVersions(req)),
  })
}
