// /api/v1/guests: routes with permissions and schemas.
import { ConflictError, CursorInvalidError, ExportInProgressError, GuestNotFoundError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { anonymiseGuest, exportGuest } from './erasure.ts'
import { createGuest, getGuest, updateGuest } from './guests.ts'
import { guestsCost, listGuests, listStays } from './list.ts'
import { Guest, GuestExport, GuestPage, GuestPatch, GuestQuery, GuestStayPage, NewGuest, StayQuery } from './schema.ts'

const tags = ['guests']

export function guestRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  writeRoutes(app, deps)
  privacyRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/guests',
    {
      config: { can: 'guests:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List guests by name', querystring: GuestQuery, response: { 200: GuestPage } },
    },
    ({ actor, query }) => db.tenantRead(actor, (tx) => listGuests(tx, cursors, query), guestsCost(query)),
  )

  app.get(
    '/guests/:id',
    {
      config: { can: 'guests:read', errors: [GuestNotFoundError] },
      schema: { tags, summary: 'Read a guest', params: IdPath, response: { 200: Guest } },
    },
    (req) => db.tenantRead(req.actor, (tx) => getGuest(tx, req.params.id)),
  )

  app.get(
    '/guests/:id/bookings',
    {
      config: { can: 'guests:read', errors: [GuestNotFoundError, CursorInvalidError] },
      schema: {
        tags,
        summary: "List a guest's bookings, latest arrival first",
        params: IdPath,
        querystring: StayQuery,
        response: { 200: GuestStayPage },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => listStays(tx, cursors, req.params.id, req.query), 'scan'),
  )
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    '/guests',
    {
      config: { can: 'guests:write', errors: [ConflictError] },
      schema: {
        tags,
        summary: 'Create a guest',
        description: 'An e-mail of another guest is refused; `meta.guest_id` is the id of that guest.',
        body: NewGuest,
        response: { 201: Guest },
      },
    },
    (req, reply) =>
      mutation(db, req, reply, {
        status: 201,
        work: (tx) => createGuest(tx, req.body),
        location: ({ id }) => `/api/v1/guests/${id}`,
      }),
  )

  app.patch(
    '/guests/:id',
    {
      config: { can: 'guests:write', errors: [GuestNotFoundError, ConflictError] },
      schema: { tags, summary: 'Change a guest', params: IdPath, body: GuestPatch, response: { 200: Guest } },
    },
    (req, reply) => mutation(db, req, reply, { status: 200, work: (tx) => updateGuest(tx, req.params.id, req.body) }),
  )
}

function privacyRoutes(app: Api, { db, exports }: ApiDeps): void {
  app.post(
    '/guests/:id/anonymisation',
    {
      config: { can: 'guests:erase', errors: [GuestNotFoundError, ConflictError] },
      schema: {
        tags,
        summary: 'Anonymise a guest: name, e-mail, phone and the texts of their bookings',
        description: 'The bookings stay. Refused while a stay is current or upcoming. Cannot be undone.',
        params: IdPath,
        response: { 200: Guest },
      },
    },
    (req, reply) => mutation(db, req, reply, { status: 200, work: (tx) => anonymiseGuest(tx, req.params.id) }),
  )

  app.post(
    '/guests/:id/export',
    {
      config: { can: 'guests:erase', errors: [GuestNotFoundError, ExportInProgressError] },
      schema: {
        tags,
        summary: 'Export all data about a guest',
        description: 'For the person. The audit log records the export, not its content.',
        params: IdPath,
        response: { 200: GuestExport },
      },
    },
    (req, reply) => {
      exports.hold(req.actor, reply.raw)
      return mutation(db, req, reply, { status: 200, work: (tx) => exportGuest(tx, req.params.id) })
    },
  )
}
