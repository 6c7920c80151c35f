// Wire shapes of sign-in, GET /me, members and invitations.
import { type Static, Type } from 'typebox'
import { max_written_characters } from '../../core/auth/password-rules.ts'
import { roles } from '../../core/auth/permissions.ts'
import { languages } from '../../core/mail/template.ts'
import {
  email as emailText,
  Id,
  line,
  nullable,
  Page,
  pageQuery,
  strictObject,
  Timestamp,
  text,
  Version,
} from '../../http/schema.ts'
import { secretText } from '../../http/secrets.ts'

const Role = Type.Enum(roles, { title: 'Role' })
const email = emailText({ examples: ['sam@alps.example'] })
// Sign-in accepts the same lengths as setting a password. The rules for new ones: core/auth/password-rules.ts.
export const password = text(max_written_characters, 1)
export const newPassword = text(max_written_characters, 1, {
  description: '12 to 256 characters in NFKC form; not a common password, and without your e-mail address or agency.',
})
export const fullName = line(200, 1, { examples: ['Sam Summer'] })
export const secret = text(200, 1, { examples: ['kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA'] })

/** Where the refresh token goes: to the body, or for pages of this service to a cookie. */
const session = Type.Optional(
  Type.Literal('cookie', {
    description:
      'For pages of this service: the refresh token is in a cookie that scripts cannot read (HttpOnly, SameSite=Strict), not ' +
      'in a body. Any other request with it gets 403.',
  }),
)

export const Login = strictObject(
  {
    email: text(254, 3),
    password,
    agency: Type.Optional(
      text(63, 1, {
        description:
          'Slug of an agency. Only needed when several accounts with this e-mail have the same password: each agency ' +
          'that invited the address can have one.',
        examples: ['alps'],
      }),
    ),
    session,
  },
  { title: 'Login', examples: [{ email: 'admin@alps.example', password: 'roost-demo' }] },
)

export const TokenPair = strictObject(
  {
    access_token: secretText('Send it as Authorization: Bearer <token>.'),
    token: secretText('The same as access_token. The next version will not return it.', { deprecated: true }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    refresh_token: Type.Optional(
      secretText('Can be exchanged once for the next pair. Absent with `session: cookie`, present otherwise.'),
    ),
    refresh_expires_in: Type.Integer({ description: 'Seconds until you have to sign in again.' }),
  },
  { title: 'TokenPair' },
)
export type TokenPair = Static<typeof TokenPair>
/** A pair before its refresh token is put into the body or the cookie. */
export type IssuedPair = Required<TokenPair>

/** Exactly one of both. */
export const Refresh = strictObject(
  { refresh_token: Type.Optional(secret), session },
  { title: 'Refresh', examples: [{ refresh_token: 'kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA' }] },
)

export type Refresh = Static<typeof Refresh>

export const PasswordChange = strictObject(
  { current_password: password, new_password: newPassword, session },
  { title: 'PasswordChange', examples: [{ current_password: 'roost-demo', new_password: 'four words are enough' }] },
)

export const Session = strictObject(
  {
    id: Id,
    user_agent: nullable(Type.String()),
    is_current: Type.Boolean({ description: 'The access token of this request belongs to it.' }),
    created_at: Timestamp,
    used_at: Timestamp,
    expires_at: Timestamp,
    ended_at: nullable(Timestamp),
    ended_by: nullable(
      Type.Literal('reuse', { description: 'A refresh token was reused, so it may have been stolen.' }),
    ),
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>
export const Sessions = strictObject({ items: Type.Array(Session) }, { title: 'Sessions' })

const Agency = strictObject(
  {
    agency_id: Id,
    agency_name: Type.String(),
    agency_slug: Type.String(),
    role: Role,
  },
  { title: 'Agency' },
)

const Notice = strictObject(
  {
    code: Type.Literal('SESSION_ENDED_BY_REUSE'),
    at: Timestamp,
    user_agent: nullable(Type.String({ description: 'The user agent of the sign-in.' })),
  },
  { title: 'Notice' },
)

export const Profile = strictObject(
  {
    id: Id,
    email: Type.String(),
    full_name: Type.String(),
    language: nullable(Type.Enum(languages, { description: 'Of e-mails; null for that of the agency.' })),
    pending_email: nullable(Type.String({ description: 'A new address that is not confirmed yet.' })),
  },
  { title: 'Profile' },
)

export const Me = strictObject(
  {
    user: Profile,
    agencies: Type.Array(Agency),
    agency_id: nullable(Id),
    role: nullable(Role),
    permissions: Type.Record(Type.String(), Type.Enum(['all', 'own', 'finance']), {
      description: 'What the role may do in this agency, and on which rows; empty until an agency is chosen.',
    }),
    notices: Type.Array(Notice, {
      description: 'Security notices about your account of the last 30 days, latest first.',
    }),
  },
  { title: 'Me' },
)

export const Member = strictObject(
  {
    id: Type.String({ format: 'uuid', description: 'The user id of the person.' }),
    email: Type.String(),
    full_name: Type.String(),
    role: Role,
    is_active: Type.Boolean({ description: 'An inactive member has no access to the agency.' }),
    version: Version,
    created_at: Timestamp,
  },
  { title: 'Member' },
)
export type Member = Static<typeof Member>
export const MemberPage = Page(Member)

export const MemberQuery = strictObject({
  ...pageQuery,
  role: Type.Optional(Role),
  is_active: Type.Optional(Type.Boolean()),
  q: Type.Optional(text(100, 1, { description: 'Part of the name or e-mail.' })),
})
export type MemberQuery = Static<typeof MemberQuery>

export const MemberPatch = Type.Partial(strictObject({ role: Role, is_active: Type.Boolean() }), {
  title: 'MemberPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ role: 'manager' }],
})
export type MemberPatch = Static<typeof MemberPatch>

export const NewInvitation = strictObject(
  { email, role: Role, full_name: Type.Optional(fullName) },
  { title: 'NewInvitation', examples: [{ email: 'sam@alps.example', role: 'staff', full_name: 'Sam Summer' }] },
)
export type NewInvitation = Static<typeof NewInvitation>

const Delivery = Type.Enum(['mail', 'link'], {
  description: 'mail: the link was sent to the invited address only. link: the inviter got it, to pass it on.',
})

const invitation = {
  id: Id,
  email: Type.String(),
  full_name: nullable(Type.String()),
  role: Role,
  expires_at: Timestamp,
}

export const Invited = strictObject(
  {
    ...invitation,
    delivery: Delivery,
    token: Type.Optional(
      secretText(
        'With delivery `link`, shown once. Anyone with the token can accept the invitation, so it proves nothing about ' +
          'the address: the new account belongs to this agency only.',
      ),
    ),
    link: Type.Optional(secretText('With delivery `link`: the address of the page where it is accepted.')),
  },
  { title: 'Invited' },
)
export type Invited = Static<typeof Invited>

export const Invitation = strictObject(
  { ...invitation, delivery: Delivery, invited_by: nullable(Id), created_at: Timestamp },
  { title: 'Invitation' },
)
export type Invitation = Static<typeof Invitation>
export const InvitationPage = Page(Invitation)
export const InvitationQuery = strictObject(pageQuery)
export type InvitationQuery = Static<typeof InvitationQuery>

export const InvitationToken = strictObject(
  { token: secret },
  { title: 'InvitationToken', examples: [{ token: 'kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA' }] },
)

export const InvitationInfo = strictObject(
  {
    agency_name: Type.String(),
    email: Type.String(),
    full_name: nullable(Type.String()),
    role: Role,
    was_member: Type.Boolean({
      description:
        'true: a former member of this agency, who accepts with the previous password; false: choose a password, ' +
        'or use an existing account with `has_account`.',
    }),
    has_account: Type.Boolean({
      description:
        'true: the link was sent to the address, and the account with this proven e-mail joins, with its own password. ' +
        'Always false for a link that the inviter has seen.',
    }),
  },
  { title: 'InvitationInfo' },
)

export const Acceptance = strictObject(
  {
    token: secret,
    password: newPassword,
    full_name: Type.Optional(fullName),
    session,
    has_account: Type.Optional(
      Type.Boolean({
        description: 'true: the existing account with this proven e-mail joins, with its own password.',
      }),
    ),
  },
  {
    title: 'Acceptance',
    examples: [
      {
        token: 'kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA',
        password: 'four words are enough',
        full_name: 'Sam Summer',
      },
    ],
  },
)
export type Acceptance = Static<typeof Acceptance>
