// /api/v1/guests: routes with permissions and schemas.
import { ConflictError, CursorInvalidError, GuestNotFoundError, VersionMismatchError } from '../../core/errors.ts'
import { ExportInProgressError } from '../../core/request-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { listDuplicates } from './duplicates.ts'
import { anonymiseGuest, exportGuest } from './erasure.ts'
import { createGuest, getGuest, updateGuest } from './guests.ts'
import { guestsCost, listGuests, listStays } from './list.ts'
import { mergeGuests } from './merge.ts'
import {
  Guest,
  GuestExport,
  GuestMerge,
  GuestPage,
  GuestPatch,
  GuestQuery,
  GuestStayPage,
  NewGuest,
  NewMerge,
  StayQuery,
} from './schema.ts'
import { unmergeGuest } from './unmerge.ts'

const tags = ['guests']
const changeErrors = [GuestNotFoundError, ConflictError, VersionMismatchError]

export function guestRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  duplicatesRoute(app, deps)
  writeRoutes(app, deps)
  mergeRoutes(app, deps)
  privacyRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/guests', {
    can: 'guests:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listGuests',
    summary: 'List guests by name',
    description: 'Guests of all bookings of the agency.',
    querystring: GuestQuery,
    response: GuestPage,
    cost: (req) => guestsCost(req.query),
    work: (tx, req) => listGuests(tx, cursors, req.query),
  })

  readRoute(app, db, '/guests/:id', {
    can: 'guests:read',
    errors: [GuestNotFoundError],
    tags,
    operationId: 'getGuest',
    summary: 'Read a guest',
    description: 'One guest, with the number of their stays.',
    params: IdPath,
    response: Guest,
    work: (tx, req) => getGuest(tx, req.params.id),
  })

  readRoute(app, db, '/guests/:id/bookings', {
    can: 'guests:read',
    errors: [GuestNotFoundError, CursorInvalidError],
    tags,
    operationId: 'listGuestBookings',
    summary: "List a guest's bookings, latest arrival first",
    description: 'Bookings of any status, without the deleted ones.',
    params: IdPath,
    querystring: StayQuery,
    response: GuestStayPage,
    cost: 'scan',
    work: (tx, req) => listStays(tx, cursors, req.params.id, req.query),
  })
}

function duplicatesRoute(app: Api, { db }: ApiDeps): void {
  readRoute(app, db, '/guests/:id/duplicates', {
    can: 'guests:read',
    errors: [GuestNotFoundError],
    tags,
    operationId: 'listGuestDuplicates',
    summary: 'List guests that are probably the same person',
    description:
      'Guests with the same name and phone number, oldest first, at most 100. Merge them with POST /guests/{id}/merge.',
    params: IdPath,
    response: GuestPage,
    work: (tx, req) => listDuplicates(tx, req.params.id),
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/guests', {
    can: 'guests:write',
    errors: [ConflictError],
    tags,
    operationId: 'createGuest',
    summary: 'Create a guest',
    description: 'An e-mail of another guest is refused; `meta.guest_id` is the id of that guest.',
    body: NewGuest,
    response: Guest,
    status: 201,
    work: (tx, req) => createGuest(tx, req.body),
    location: ({ id }) => `/api/v1/guests/${id}`,
  })

  writeRoute(app, db, 'PATCH', '/guests/:id', {
    can: 'guests:write',
    errors: changeErrors,
    tags,
    operationId: 'updateGuest',
    summary: 'Change a guest',
    description: 'Changes the given members; null clears e-mail, phone or country.',
    params: IdPath,
    body: GuestPatch,
    response: Guest,
    work: (tx, req) => updateGuest(tx, req.params.id, req.body, ifMatchVersions(req)),
  })
}

function mergeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/guests/:id/merge', {
    can: 'guests:write',
    errors: changeErrors,
    tags,
    operationId: 'mergeGuests',
    summary: 'Merge another guest into this one',
    description:
      'The bookings of the other guest move here; each keeps the name and contact given for it. This guest keeps its own ' +
      'data, and gets e-mail, phone and country if it has none. From then on the id and the e-mail of the other guest ' +
      'lead to this one. Merging again changes nothing. ' +
      'POST /guests/{guest_id}/unmerge undoes it until this guest or one of the moved bookings changes.',
    params: IdPath,
    body: NewMerge,
    response: GuestMerge,
    work: (tx, req) => mergeGuests(tx, req.params.id, req.body.guest_id, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'POST', '/guests/:id/unmerge', {
    can: 'guests:write',
    errors: changeErrors,
    tags,
    operationId: 'unmergeGuest',
    summary: 'Undo the merge of this guest into another',
    description:
      'The path names the guest that was merged. The bookings that moved with the merge go back to it, and it has its e-mail again. ' +
      'Refused when it is not merged, or when the other guest or one of the moved bookings has changed since. Bookings made ' +
      'after the merge stay with the other guest. If-Match takes the version of the other guest.',
    params: IdPath,
    response: GuestMerge,
    work: (tx, req) => unmergeGuest(tx, req.params.id, ifMatchVersions(req)),
  })
}

function privacyRoutes(app: Api, { db, exports }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/guests/:id/anonymisation', {
    can: 'guests:erase',
    errors: changeErrors,
    tags,
    operationId: 'anonymiseGuest',
    summary: 'Anonymise a guest: name, e-mail, phone and the texts of their bookings',
    description: 'The bookings and the country stay. Refused while a stay is current or upcoming. Cannot be undone.',
    params: IdPath,
    response: Guest,
    work: (tx, req) => anonymiseGuest(tx, req.params.id, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'POST', '/guests/:id/export', {
    can: 'guests:erase',
    errors: [GuestNotFoundError, ExportInProgressError],
    tags,
    operationId: 'exportGuest',
    summary: 'Export all data about a guest',
    description: 'For the person. The audit log records the export, not its content.',
    params: IdPath,
    response: GuestExport,
    before: (req, reply) => exports.hold(req.actor, reply.raw),
    work: (tx, req) => exportGuest(tx, req.params.id),
  })
}
