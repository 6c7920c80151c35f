// /api/v1/bookings/{id}/…: the steps of a stay, and what has happened to it.
import {
  BookingCancelledError,
  BookingConflictError,
  BookingNotFoundError,
  CursorInvalidError,
  InvalidStatusTransitionError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { change } from '../../http/change.ts'
import { expectedOf } from '../../http/etag.ts'
import { IdPath } from '../../http/schema.ts'
import { bookingHistory } from './history.ts'
import { transitions, transitionsTable } from './lifecycle.ts'
import { HistoryPage, HistoryQuery } from './list-schema.ts'
import { cancelBooking, transitionStatus } from './moves.ts'
import { Booking, NewCancellation, Split, SplitBooking, StatusMove } from './schema.ts'
import { splitBooking } from './split.ts'

const tags = ['bookings']
const onChange = [BookingNotFoundError, VersionMismatchError]
const onNights = [BookingConflictError, PropertyNotFoundError, PropertyUnavailableError]

export function lifecycleRoutes(app: Api, deps: ApiDeps): void {
  moveRoutes(app, deps)
  splitRoute(app, deps)
  historyRoute(app, deps)
}

/** The table for people, and for programs that draw the buttons. */
const described = {
  summary: 'Move a booking to another status',
  description: `Nights are freed or taken in the same transaction. The status it has already is answered with 200 and changes nothing.\n\n${transitionsTable()}`,
  'x-status-transitions': transitions,
}

function moveRoutes(app: Api, { db }: ApiDeps): void {
  app.patch(
    '/bookings/:id/status',
    {
      config: { can: 'bookings:transition', errors: [...onChange, ...onNights, InvalidStatusTransitionError] },
      schema: { tags, ...described, params: IdPath, body: StatusMove, response: { 200: Booking } },
    },
    (req, reply) =>
      change(db, req, reply, {
        queue: [req.params.id],
        status: 200,
        work: (tx) => transitionStatus(tx, req.params.id, req.body.status, expectedOf(req)),
      }),
  )

  app.post(
    '/bookings/:id/cancellation',
    {
      config: { can: 'bookings:cancel', errors: [...onChange, InvalidStatusTransitionError] },
      schema: {
        tags,
        summary: 'Cancel a booking, saying who did and what is paid back; its nights are free at once',
        description: 'One whose guest is there only an admin may cancel.',
        params: IdPath,
        body: NewCancellation,
        response: { 200: Booking },
      },
    },
    (req, reply) =>
      change(db, req, reply, {
        queue: [req.params.id],
        status: 200,
        work: (tx) => cancelBooking(tx, req.params.id, req.body, expectedOf(req)),
      }),
  )
}

function splitRoute(app: Api, { db }: ApiDeps): void {
  app.post(
    '/bookings/:id/split',
    {
      config: { can: 'bookings:update', errors: [...onChange, ...onNights, BookingCancelledError] },
      schema: {
        tags,
        summary: 'Let the guest live in another property for the rest of the stay',
        description:
          'The booking ends on check_in, a second one begins there. Nights and tax are divided by nights, the cleaning fee and what does not divide stay with the first. The code of a channel stays with the first.',
        params: IdPath,
        body: Split,
        response: { 201: SplitBooking },
      },
    },
    (req, reply) =>
      change(db, req, reply, {
        queue: [req.body.property_id],
        status: 201,
        work: (tx) => splitBooking(tx, req.params.id, req.body, expectedOf(req)),
        location: ({ second }) => `/api/v1/bookings/${second.id}`,
      }),
  )
}

function historyRoute(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/bookings/:id/history',
    {
      config: { can: 'bookings:history', errors: [BookingNotFoundError, CursorInvalidError] },
      schema: {
        tags,
        summary: 'What has happened to a booking, oldest first; also to a deleted one',
        params: IdPath,
        querystring: HistoryQuery,
        response: { 200: HistoryPage },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => bookingHistory(tx, cursors, req.params.id, req.query), 'scan'),
  )
}
