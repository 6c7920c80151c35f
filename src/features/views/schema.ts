// Wire shapes of the saved views of a person: filters of a list under a name.
import { type Static, Type } from 'typebox'
import { Id, LocalDate, line, Page, pageQuery, strictObject, Timestamp, text, Version } from '../../http/schema.ts'
import { BookingFilter } from '../bookings/list-schema.ts'

/** Of one person in one agency. */
export const max_views = 50

const lists = ['bookings', 'guests', 'properties', 'blocks'] as const
export const List = Type.Enum(lists)
export type List = Static<typeof List>

const { status, source, payment_status, overlaps } = BookingFilter.properties

export const Filters = strictObject(
  {
    q: Type.Optional(text(100, 1, { description: 'Only of properties.' })),
    status,
    source,
    payment_status,
    property_id: Type.Optional(Id),
    check_in_from: Type.Optional(LocalDate),
    check_in_to: Type.Optional(LocalDate),
    overlaps,
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
    reason: Type.Optional(Type.String({ maxLength: 40, pattern: '^[a-z_]+$' })),
    columns: Type.Optional(
      Type.String({ maxLength: 200, pattern: '^[a-z_]+(,[a-z_]+)*$', description: 'What the list shows.' }),
    ),
  },
  { title: 'ViewFilters', examples: [{ status: 'pending', columns: 'guest,stay' }] },
)
export type Filters = Static<typeof Filters>

/** The filters that a list has. A search text of bookings or guests can name a guest, and an erasure would not find it here. */
export const filtersOf: Readonly<Record<List, readonly (keyof Filters)[]>> = {
  bookings: [
    'status',
    'source',
    'payment_status',
    'property_id',
    'check_in_from',
    'check_in_to',
    'overlaps',
    'columns',
  ],
  guests: ['country', 'columns'],
  properties: ['q', 'columns'],
  blocks: ['property_id', 'overlaps', 'reason', 'columns'],
}

const name = line(60, 1)

export const NewView = strictObject(
  { list: List, name, filters: Filters },
  { title: 'NewView', examples: [{ list: 'bookings', name: 'To confirm', filters: { status: 'pending' } }] },
)
export type NewView = Static<typeof NewView>

export const ViewPatch = Type.Partial(strictObject({ name, filters: Filters }), {
  title: 'ViewPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ name: 'To confirm soon' }],
})
export type ViewPatch = Static<typeof ViewPatch>

const Saved = Type.Object({}, { additionalProperties: true, description: 'As in NewView.' })

export const View = strictObject(
  {
    id: Id,
    list: List,
    name: Type.String(),
    filters: Saved,
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'View' },
)
export type View = Static<typeof View>

export const ViewPage = Page(View)

export const ViewQuery = strictObject({ ...pageQuery, list: Type.Optional(List) })
export type ViewQuery = Static<typeof ViewQuery>
