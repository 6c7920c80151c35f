// Wire shapes of an agency's settings.
import { type Static, Type } from 'typebox'
import { languages } from '../../core/mail/template.ts'
import { Currency, Id, line, strictObject, Timestamp, text, Version } from '../../http/schema.ts'

const settings = {
  name: line(200, 1),
  time_zone: text(64, 1, { description: 'IANA name.', examples: ['Europe/Vienna'] }),
  currency: Type.String({
    ...Currency,
    description: 'ISO 4217; the currency of new properties. Existing ones keep theirs.',
  }),
  language: Type.Union([Type.Enum(languages), Type.Null()], {
    description: 'Of e-mails to people who have chosen none; null for English.',
    examples: ['de'],
  }),
  hold_minutes: Type.Integer({ minimum: 1, maximum: 1440, description: 'How long a hold reserves its nights.' }),
  holds_per_user: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'The maximum number of active holds per person.',
  }),
}

export const AgencySettings = strictObject(
  {
    id: Id,
    slug: Type.String({ description: 'Identifies the agency in commands; never changes.' }),
    ...settings,
    is_ops_agency: Type.Boolean({ description: 'Whether its admins may use /ops.' }),
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'AgencySettings' },
)
export type AgencySettings = Static<typeof AgencySettings>

export const AgencyPatch = Type.Partial(strictObject(settings), {
  title: 'AgencyPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ name: 'Alps Lodges', hold_minutes: 30 }],
})
export type AgencyPatch = Static<typeof AgencyPatch>
