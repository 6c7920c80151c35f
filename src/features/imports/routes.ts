// The route of /api/v1/imports: the import of the command, over HTTP.

import { ImportInProgressError, ImportRefusedError } from '../../core/request-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { plainRoute } from '../../http/route.ts'
import { answerWithEvents, createImportSlots } from './answer.ts'
import { runRequest } from './request.ts'
import { ImportEvent, ImportQuery } from './schema.ts'

const description = [
  'The body is the file: CSV or an Excel workbook as the channel exports it (docs/imports.md), also with `Content-Encoding: gzip`. With `dry_run` nothing is saved, and the report says what the import would do.',
  'The answer has one JSON object per line: `progress`, and at the end `report` or `error`. What was saved before an error stays; sending a file again completes the import and changes nothing else.',
  'One import at a time in an agency, for at most ten minutes. It ends when the client disconnects.',
].join('\n\n')

export function importRoutes(app: Api, { db }: ApiDeps): void {
  const slots = createImportSlots()
  app.addHook('preClose', async () => slots.close())

  plainRoute(app, 'POST', '/imports', {
    can: 'imports:write',
    upload: {
      advice: 'Split it, keeping the header in each part, or use the command roost import.',
      example: 'file.csv',
    },
    errors: [ImportInProgressError, ImportRefusedError],
    tags: ['imports'],
    operationId: 'importFile',
    summary: 'Import a file, or say what the import would do',
    description,
    querystring: ImportQuery,
    responses: {
      200: {
        description: 'Lines of JSON.',
        content: { 'application/x-ndjson': { schema: ImportEvent } },
      },
    },
    work: (req, reply) =>
      slots.run(req.actor, req.socket, (signal) =>
        answerWithEvents(req, reply, (onProgress) => runRequest(db, req, { signal, onProgress })),
      ),
  })
}
