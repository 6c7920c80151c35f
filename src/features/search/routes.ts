// Routes of /api/v1/search and /api/v1/find.
import { CursorInvalidError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { readRoute } from '../../http/route.ts'
import { findRecords } from './find.ts'
import { FindQuery, Found } from './find-schema.ts'
import { FreeProperties, SearchQuery } from './schema.ts'
import { searchProperties } from './search.ts'

const tags = ['search']

export function searchRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/search', {
    can: 'availability:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'searchProperties',
    summary: 'List the properties that are free for a stay, by name',
    description:
      'The nights are free and the stay keeps the booking rules. Reserves nothing. Owners see their own properties only. A page looks at up to 500 properties (100 with `nearby`), so it can be empty and still have a next_cursor.',
    querystring: SearchQuery,
    response: FreeProperties,
    cost: 'scan',
    work: (tx, req) => searchProperties(tx, cursors, req.query),
  })

  readRoute(app, db, '/find', {
    can: 'bookings:read',
    tags,
    operationId: 'findRecords',
    summary: 'Find bookings, guests and properties by a text',
    description:
      'Bookings with exactly this reference or external code are first, then records with a word that begins with the text, then those with the text inside. Kinds that the role cannot read are absent; owners find their own properties and the bookings of these.',
    querystring: FindQuery,
    response: Found,
    cost: 'scan',
    work: (tx, req) => findRecords(tx, req.query),
  })
}
