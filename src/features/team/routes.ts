// /api/v1/me and /api/v1/team: routes with permissions and schemas.
import { Type } from 'typebox'
import {
  ConflictError,
  CursorInvalidError,
  InvitationNotFoundError,
  LastAdminError,
  MemberNotFoundError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { mutation } from '../../http/mutation.ts'
import { IdPath } from '../../http/schema.ts'
import { acceptanceRoutes } from './acceptance-routes.ts'
import { authRoutes, meRoute } from './auth-routes.ts'
import { invite, listInvitations, revokeInvitation } from './invitations.ts'
import { getMember, listMembers, updateMember } from './members.ts'
import {
  InvitationPage,
  InvitationQuery,
  Invited,
  Member,
  MemberPage,
  MemberPatch,
  MemberQuery,
  NewInvitation,
} from './schema.ts'

const tags = ['team']

/** Without a secret there is no sign-in, since tokens come from an outside provider; the operator adds members. */
export function teamRoutes(app: Api, deps: ApiDeps): void {
  if (deps.tokens.canIssue) {
    authRoutes(app, deps)
    acceptanceRoutes(app, deps)
    invitationRoutes(app, deps)
  }
  meRoute(app)
  memberRoutes(app, deps)
}

function memberRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/team',
    {
      config: { can: 'team:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'List members by name', querystring: MemberQuery, response: { 200: MemberPage } },
    },
    (req) => db.tenantRead(req.actor, (tx) => listMembers(tx, cursors, req.query), 'scan'),
  )

  app.get(
    '/team/:id',
    {
      config: { can: 'team:read', errors: [MemberNotFoundError] },
      schema: { tags, summary: 'Read a member', params: IdPath, response: { 200: Member } },
    },
    (req) => db.tenantRead(req.actor, (tx) => getMember(tx, req.params.id)),
  )

  app.patch(
    '/team/:id',
    {
      config: { can: 'team:write', errors: [MemberNotFoundError, LastAdminError, ConflictError] },
      schema: {
        tags,
        summary: "Change a member's role or status",
        description: 'Open invitations of a former admin are revoked.',
        params: IdPath,
        body: MemberPatch,
        response: { 200: Member },
      },
    },
    (req, reply) => mutation(db, req, reply, { status: 200, work: (tx) => updateMember(tx, req.params.id, req.body) }),
  )

  app.delete(
    '/team/:id',
    {
      config: { can: 'team:write', errors: [MemberNotFoundError, LastAdminError] },
      schema: {
        tags,
        summary: 'Remove a member',
        description: 'Makes the member inactive. Their records and the properties they own stay unchanged.',
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    (req, reply) =>
      mutation(db, req, reply, { status: 204, work: (tx) => updateMember(tx, req.params.id, { is_active: false }) }),
  )
}

function invitationRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.post(
    '/team',
    {
      config: { can: 'team:write', errors: [ConflictError] },
      schema: {
        tags,
        summary: 'Invite a person',
        description:
          'No e-mail is sent: pass the link on. It is valid for seven days and one acceptance, while you may invite. ' +
          'Inviting the same e-mail again replaces it. Since you know the link, it does not prove the address: ' +
          'the new account belongs to this agency only until the operator has proven it.',
        body: NewInvitation,
        response: { 201: Invited },
      },
    },
    (req, reply) => mutation(db, req, reply, { status: 201, work: (tx) => invite(tx, req.body) }),
  )

  app.get(
    '/team/invitations',
    {
      config: { can: 'team:write', errors: [CursorInvalidError] },
      schema: {
        tags,
        summary: 'List open invitations, newest first',
        querystring: InvitationQuery,
        response: { 200: InvitationPage },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => listInvitations(tx, cursors, req.query), 'scan'),
  )

  app.delete(
    '/team/invitations/:id',
    {
      config: { can: 'team:write', errors: [InvitationNotFoundError] },
      schema: { tags, summary: 'Revoke an invitation', params: IdPath, response: { 204: Type.Null() } },
    },
    (req, reply) => mutation(db, req, reply, { status: 204, work: (tx) => revokeInvitation(tx, req.params.id) }),
  )
}
