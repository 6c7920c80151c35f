// Wire shapes of the optional features of an agency.
import { type Static, Type } from 'typebox'
import { modules } from '../../config.ts'
import { nullable, strictObject, Timestamp } from '../../http/schema.ts'

export const Feature = strictObject(
  {
    name: Type.Enum(modules, { title: 'FeatureName' }),
    description: Type.String(),
    is_enabled: Type.Boolean({ description: 'Whether the operator has enabled it for the agency.' }),
    is_in_deployment: Type.Boolean({ description: 'Whether it is available in this deployment.' }),
    config: Type.Object({}, { additionalProperties: true }),
    changed_at: nullable(Timestamp),
  },
  { title: 'Feature' },
)
export type Feature = Static<typeof Feature>

export const FeatureList = strictObject({ items: Type.Array(Feature) }, { title: 'FeatureList' })
