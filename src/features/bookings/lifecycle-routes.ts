// /api/v1/bookings/{id}/…: status, cancellation, split, history.
import {
  BookingCancelledError,
  BookingConflictError,
  BookingNotFoundError,
  BookingRuleBrokenError,
  CursorInvalidError,
  InvalidStatusTransitionError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  StatusTooEarlyError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { bookingHistory } from './history.ts'
import { transitions, transitionsTable } from './lifecycle.ts'
import { HistoryPage, HistoryQuery } from './list-schema.ts'
import { setRefund } from './refunds.ts'
import { Booking, NewCancellation, RefundChange, Split, SplitBooking, StatusChange } from './schema.ts'
import { splitBooking } from './split.ts'
import { cancelBooking, transitionStatus } from './status.ts'

const tags = ['bookings']
const changeErrors = [BookingNotFoundError, VersionMismatchError]
const nightsErrors = [BookingConflictError, BookingRuleBrokenError, PropertyNotFoundError, PropertyUnavailableError]

export function lifecycleRoutes(app: Api, deps: ApiDeps): void {
  statusRoutes(app, deps)
  refundRoute(app, deps)
  splitRoute(app, deps)
  historyRoute(app, deps)
}

/** The table of transitions, as text and as data for clients. */
const statusDocs = {
  operationId: 'transitionBooking',
  summary: 'Change the status of a booking',
  description: `Nights are freed or taken in the same transaction. Setting the current status answers 200 and changes nothing. Days are those of the property. Undoing a no-show takes its nights again, if they are free.\n\n${transitionsTable()}`,
  'x-status-transitions': transitions,
}

function statusRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'PATCH', '/bookings/:id/status', {
    can: 'bookings:transition',
    errors: [...changeErrors, ...nightsErrors, InvalidStatusTransitionError, StatusTooEarlyError],
    tags,
    ...statusDocs,
    params: IdPath,
    body: StatusChange,
    response: Booking,
    queue: (req) => [req.params.id],
    work: (tx, req) => transitionStatus(tx, req.params.id, req.body.status, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'POST', '/bookings/:id/cancellation', {
    can: 'bookings:cancel',
    errors: [...changeErrors, InvalidStatusTransitionError],
    tags,
    operationId: 'cancelBooking',
    summary: 'Cancel a booking, with who cancelled and the refund; its nights are free at once',
    description: 'Only an admin may cancel a booking whose status is checked_in.',
    params: IdPath,
    body: NewCancellation,
    response: Booking,
    queue: (req) => [req.params.id],
    work: (tx, req) => cancelBooking(tx, req.params.id, req.body, ifMatchVersions(req)),
  })
}

function refundRoute(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'PATCH', '/bookings/:id/refund', {
    can: 'bookings:cancel',
    errors: changeErrors,
    tags,
    operationId: 'setRefund',
    summary: 'Set or correct the refund of a booking',
    description:
      'The amount refunded in total, with the reason; it replaces an earlier amount, also that of a cancellation, and is at most what was paid. payment_status follows. For bookings of every status: a guest who leaves early can be refunded without a cancellation.',
    params: IdPath,
    body: RefundChange,
    response: Booking,
    queue: (req) => [req.params.id],
    work: (tx, req) => setRefund(tx, req.params.id, req.body, ifMatchVersions(req)),
  })
}

function splitRoute(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/bookings/:id/split', {
    can: 'bookings:update',
    errors: [...changeErrors, ...nightsErrors, BookingCancelledError],
    tags,
    operationId: 'splitBooking',
    summary: 'Split a booking: the guest moves to another property for the rest of the stay',
    description:
      'The booking ends on check_in, and a second booking in the other property begins on that day. The price of the nights and the tax are divided in proportion to the nights. The cleaning fee, the remainder of the division, the refund and external_code stay with the first booking. The rules of sale of the other property do not apply, its buffer between stays does.',
    params: IdPath,
    body: Split,
    response: SplitBooking,
    status: 201,
    queue: (req) => [req.body.property_id],
    work: (tx, req) => splitBooking(tx, req.params.id, req.body, ifMatchVersions(req)),
    location: ({ second }) => `/api/v1/bookings/${second.id}`,
  })
}

function historyRoute(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/bookings/:id/history', {
    can: 'bookings:history',
    errors: [BookingNotFoundError, CursorInvalidError],
    tags,
    operationId: 'listBookingHistory',
    summary: 'List the changes of a booking, oldest first; deleted bookings included',
    description: 'Who changed what and when, from the audit log, without the members that your role may not see.',
    params: IdPath,
    querystring: HistoryQuery,
    response: HistoryPage,
    cost: 'scan',
    work: (tx, req) => bookingHistory(tx, cursors, req.params.id, req.query),
  })
}
