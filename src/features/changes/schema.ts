// Wire shapes of the changes feed.
import { type Static, Type } from 'typebox'
import { Id, nullable, Page, pageQuery, strictObject } from '../../http/schema.ts'

export const Change = strictObject(
  {
    id: Type.Integer({
      description: 'The number of the change: 1, 2, 3 … without gaps in the agency.',
      examples: [42],
    }),
    type: Type.String({ examples: ['booking.updated'] }),
    entity_type: Type.String({ description: 'booking, property, block, hold, guest, …', examples: ['booking'] }),
    entity_id: Id,
    version: nullable(
      Type.Integer({ description: 'Of the record after the change; null for records without a version.' }),
    ),
    property_id: nullable({ ...Id, description: 'The property of the record; null for records that have none.' }),
    former_property_id: nullable({ ...Id, description: 'Set when the change moved the record to another property.' }),
  },
  { title: 'Change' },
)
export type Change = Static<typeof Change>

export const ChangePage = Page(Change)
export type ChangePage = Static<typeof ChangePage>

export const ChangeQuery = strictObject({
  limit: pageQuery.limit,
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 999_999_999_999_999,
      description:
        'Changes with a greater id: the id of the last change that you have, or `next_cursor`. Without it a page begins with the first change, a stream with the next one.',
    }),
  ),
})
export type ChangeQuery = Static<typeof ChangeQuery>
