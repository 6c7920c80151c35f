// Wire shapes of a lost password, of the own profile, and of the confirmation of an address.
import { type Static, Type } from 'typebox'
import { languages } from '../../core/mail/template.ts'
import { email, Id, sampleId, strictObject, Timestamp } from '../../http/schema.ts'
import { secretText } from '../../http/secrets.ts'
import { fullName, newPassword, password, secret } from './schema.ts'

export const ResetRequest = strictObject(
  { email: email() },
  { title: 'ResetRequest', examples: [{ email: 'staff@alps.example' }] },
)

export const ResetRequested = strictObject(
  {
    expires_in: Type.Integer({ description: 'Seconds for which a link that was sent is valid.' }),
    delivery: Type.Enum(['mail', 'operator'], {
      description:
        'The same for every address. mail: a link is sent if the address has an account. operator: this deployment sends no ' +
        'e-mails; an admin of the agency or the operator can make a link.',
    }),
  },
  { title: 'ResetRequested' },
)

export const LinkToken = strictObject(
  { token: secret },
  { title: 'LinkToken', examples: [{ token: 'kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA' }] },
)

export const ResetInfo = strictObject({ email: Type.String() }, { title: 'ResetInfo' })

export const ResetAcceptance = strictObject(
  { token: secret, password: newPassword },
  {
    title: 'ResetAcceptance',
    examples: [{ token: 'kY3v5V2nq3pX0Wv8JtqUe1yq3bX4m0pT7oZ6hG9dLsA', password: 'four words are enough' }],
  },
)
export type ResetAcceptance = Static<typeof ResetAcceptance>

export const NewMemberReset = strictObject(
  { user_id: Id },
  { title: 'NewMemberReset', examples: [{ user_id: sampleId }] },
)

export const MemberReset = strictObject(
  {
    delivery: Type.Enum(['mail', 'operator', 'link'], {
      description:
        'mail: sent to the address of the member. operator: this deployment sends no e-mails, and the operator finds ' +
        'the message with `roost mail list`. link: in this answer.',
    }),
    expires_at: Timestamp,
    token: Type.Optional(secretText('With delivery `link`. Anyone with it can set the password, once.')),
    link: Type.Optional(secretText('With delivery `link`: the address of the page with the token.')),
  },
  { title: 'MemberReset' },
)
export type MemberReset = Static<typeof MemberReset>

const Language = Type.Enum(languages, { title: 'Language' })

export const ProfilePatch = Type.Partial(
  strictObject({
    full_name: fullName,
    language: Language,
    email: email({
      description: 'Replaces the address once it is confirmed: a link is sent to it. Needs `current_password`.',
    }),
    current_password: password,
  }),
  { title: 'ProfilePatch', additionalProperties: false, minProperties: 1, examples: [{ language: 'de' }] },
)
export type ProfilePatch = Static<typeof ProfilePatch>
