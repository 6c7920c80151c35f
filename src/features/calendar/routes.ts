// The route /api/v1/calendar.
import type { Api, ApiDeps } from '../../http/api.ts'
import { taggedRoute } from '../../http/route.ts'
import { readCalendars } from './calendar.ts'
import { CalendarQuery, max_days, max_occupants, max_properties, PropertyCalendars } from './schema.ts'
import { readTag } from './tag.ts'

const description = [
  `For a screen with many properties: at most ${max_properties} properties, ${max_days} days, ${max_occupants} occupants and 8 MB. More is a validation error, never a part of the answer.`,
  'Members with the same index in the arrays of one object are one record. Columns that the role may not see are absent.',
  'Every change in the agency changes the ETag, and so does a hold that expires. With If-None-Match, 304 is answered without reading the calendar.',
  'With `since` the answer has only the properties that have changed, with everything that they have in the range: replace them, and remove those in `removed_property_ids`. `is_complete` says that it has everything instead: after an old or unknown position, many changes or a change of the agency, and always for owners. A change is in it as soon as in `GET /changes`. A hold is over at its `expires_at`, without a change.',
].join('\n\n')

export function calendarRoutes(app: Api, { db }: ApiDeps): void {
  taggedRoute(app, db, '/calendar', {
    can: 'availability:read',
    tags: ['availability'],
    operationId: 'getCalendar',
    summary: 'Read all properties with what takes their nights, as columns',
    description,
    querystring: CalendarQuery,
    response: PropertyCalendars,
    cost: 'scan',
    tag: (tx, req) => readTag(tx, req.query),
    work: (tx, req) => readCalendars(tx, req.query),
  })
}
