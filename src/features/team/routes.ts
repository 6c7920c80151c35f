// /api/v1/me and /api/v1/team: routes with permissions and schemas.
import {
  ConflictError,
  CursorInvalidError,
  InvitationNotFoundError,
  LastAdminError,
  MemberNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { ifMatchVersions } from '../../http/etag.ts'
import { readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { acceptanceRoutes } from './acceptance-routes.ts'
import { MemberReset, NewMemberReset } from './account-schema.ts'
import { authRoutes } from './auth-routes.ts'
import { invite, listInvitations, revokeInvitation } from './invitations.ts'
import { getMember, listMembers, updateMember } from './members.ts'
import { meRoute, ownAccountRoutes } from './own-account-routes.ts'
import { createMemberReset } from './password-resets.ts'
import { resetRoutes } from './reset-routes.ts'
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
const changeErrors = [MemberNotFoundError, LastAdminError, VersionMismatchError]

/** Without a secret there is no sign-in, since tokens come from an outside provider; the operator adds members. */
export function teamRoutes(app: Api, deps: ApiDeps): void {
  if (deps.tokens.canIssue) {
    authRoutes(app, deps)
    ownAccountRoutes(app, deps)
    resetRoutes(app, deps)
    memberResetRoute(app, deps)
    acceptanceRoutes(app, deps)
    invitationRoutes(app, deps)
  }
  meRoute(app, deps)
  memberRoutes(app, deps)
}

function memberRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/team', {
    can: 'team:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listMembers',
    summary: 'List members by name',
    description: 'Active and inactive members of the agency.',
    querystring: MemberQuery,
    response: MemberPage,
    cost: 'scan',
    work: (tx, req) => listMembers(tx, cursors, req.query),
  })

  readRoute(app, db, '/team/:id', {
    can: 'team:read',
    errors: [MemberNotFoundError],
    tags,
    operationId: 'getMember',
    summary: 'Read a member',
    description: 'One member, active or not.',
    params: IdPath,
    response: Member,
    work: (tx, req) => getMember(tx, req.params.id),
  })

  writeRoute(app, db, 'PATCH', '/team/:id', {
    can: 'team:write',
    errors: [...changeErrors, ConflictError],
    tags,
    operationId: 'updateMember',
    summary: "Change a member's role or status",
    description: 'Open invitations of a former admin are revoked.',
    params: IdPath,
    body: MemberPatch,
    response: Member,
    work: (tx, req) => updateMember(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/team/:id', {
    can: 'team:write',
    errors: changeErrors,
    tags,
    operationId: 'removeMember',
    summary: 'Remove a member',
    description: 'Makes the member inactive. Their records and the properties they own stay unchanged.',
    params: IdPath,
    work: (tx, req) => updateMember(tx, req.params.id, { is_active: false }, ifMatchVersions(req)),
  })
}

function memberResetRoute(app: Api, { db, mail }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/team/password-resets', {
    can: 'team:write',
    errors: [MemberNotFoundError, ConflictError],
    tags,
    operationId: 'createMemberPasswordReset',
    summary: 'Create a link for the new password of a member',
    description:
      'The link goes to the address of the member. Without a mail server it is in the answer when the account was ' +
      'created by an invitation of this agency and was never proven; otherwise only the operator can read it.',
    body: NewMemberReset,
    response: MemberReset,
    status: 201,
    work: (tx, req) => createMemberReset(tx, mail, req.body.user_id),
  })
}

function invitationRoutes(app: Api, { db, cursors, mail }: ApiDeps): void {
  writeRoute(app, db, 'POST', '/team', {
    can: 'team:write',
    errors: [ConflictError],
    tags,
    operationId: 'inviteMember',
    summary: 'Invite a person',
    description:
      'The link is sent to the address, and accepting it proves the address. Without a mail server it is in the answer: ' +
      'pass it on. Since you know it, it does not prove the address, and the new account belongs to this agency only ' +
      'until the operator has proven it. The link is valid for seven days and one acceptance, while you may invite. ' +
      'Inviting the same e-mail again replaces it.',
    body: NewInvitation,
    response: Invited,
    status: 201,
    work: (tx, req) => invite(tx, mail, req.body),
  })

  readRoute(app, db, '/team/invitations', {
    can: 'team:write',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listInvitations',
    summary: 'List open invitations, newest first',
    description: 'Invitations that can still be accepted. Their tokens are not returned again.',
    querystring: InvitationQuery,
    response: InvitationPage,
    cost: 'scan',
    work: (tx, req) => listInvitations(tx, cursors, req.query),
  })

  writeRoute(app, db, 'DELETE', '/team/invitations/:id', {
    can: 'team:write',
    errors: [InvitationNotFoundError],
    tags,
    operationId: 'revokeInvitation',
    summary: 'Revoke an invitation',
    description: 'The link of the invitation stops working.',
    params: IdPath,
    work: (tx, req) => revokeInvitation(tx, req.params.id),
  })
}
