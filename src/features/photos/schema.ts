// Wire shapes of the pictures of properties.
import { type Static, Type } from 'typebox'
import { Id, nullable, Page, pageQuery, strictObject, Timestamp, text, Version } from '../../http/schema.ts'

/** Of one property. */
export const max_photos = 50

/** Why a picture could not be read. */
const photoFailures = ['UNREADABLE', 'TOO_MANY_PIXELS'] as const
export type PhotoFailure = (typeof photoFailures)[number]

const Image = strictObject(
  {
    url: Type.String({
      description: 'A path of this service that needs no token. The content never changes.',
    }),
    width: Type.Integer({ description: 'In pixels.' }),
    height: Type.Integer({ description: 'In pixels.' }),
  },
  { title: 'PhotoImage' },
)
export type Image = Static<typeof Image>

const alt_text = nullable(text(300, 1, { description: 'What the picture shows, for people who do not see it.' }))
const position = Type.Integer({
  minimum: 1,
  maximum: max_photos,
  description: 'From 1; the first picture is the cover.',
})

export const Photo = strictObject(
  {
    id: Id,
    property_id: Id,
    position,
    alt_text,
    status: Type.Enum(['processing', 'ready', 'failed'] as const, {
      description:
        'processing: it can be shown in a few seconds. failed: it was no picture that can be read; delete it.',
    }),
    failure: nullable(Type.Enum([...photoFailures])),
    images: Type.Array(Image, { description: 'WebP, the smallest first. Empty unless `status` is ready.' }),
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Photo' },
)
export type Photo = Static<typeof Photo>

export const PhotoPage = Page(Photo)

export const PhotoQuery = strictObject({
  ...pageQuery,
  property_id: Type.Optional(Id),
  is_cover: Type.Optional(Type.Boolean({ description: 'true: only the first picture of each property.' })),
})
export type PhotoQuery = Static<typeof PhotoQuery>

export const PhotoUpload = strictObject({ alt_text: Type.Optional(text(300, 1)) })
export type PhotoUpload = Static<typeof PhotoUpload>

export const PhotoPatch = Type.Partial(strictObject({ alt_text, position }), {
  title: 'PhotoPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ position: 1 }, { alt_text: 'The living room with a view of the lake' }],
})
export type PhotoPatch = Static<typeof PhotoPatch>
