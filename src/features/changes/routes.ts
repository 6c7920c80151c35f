// /api/v1/changes: what changed, as pages or as a stream of server-sent events.
import { Type } from 'typebox'
import { invalid } from '../../core/errors.ts'
import type { Logger } from '../../core/log.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { reserveBytes } from '../../http/response-memory.ts'
import { plainRoute } from '../../http/route.ts'
import { listChanges } from './changes.ts'
import { ChangePage, ChangeQuery } from './schema.ts'
import { max_buffered_bytes } from './stream.ts'
import { createChangeStreams } from './streams.ts'

const description = [
  'Ids, types and versions of what changed, oldest first, without personal data: read the records themselves for their content.',
  'A role sees changes of records that it may read; an owner those of own properties. A change appears within a second of its commit.',
  'Read pages until `next_cursor` is null, and later continue with `after` set to the last `next_cursor` or the id of the last change, whichever is greater.',
  'With `Accept: text/event-stream` the response is a stream of server-sent events, each with a change as its data and its id. To continue, send the last id as `Last-Event-ID` (which counts more than `after`).',
  'The stream has a comment every 15 seconds, some with an id. It ends with the token, with the membership, and when the service stops: connect again.',
  'At most 5 streams per person and 100 per agency.',
].join('\n\n')

export function changeRoutes(app: Api, deps: ApiDeps): void {
  const { db, identities } = deps
  const streams = createChangeStreams({ db, identities, log: app.log as Logger })
  app.addHook('preClose', async () => streams.close())

  plainRoute(app, 'GET', '/changes', {
    can: 'changes:read',
    tags: ['changes'],
    operationId: 'listChanges',
    summary: 'List changes, or stream them',
    description,
    querystring: ChangeQuery,
    responses: {
      200: {
        description: 'A page, or a stream.',
        content: {
          'application/json': { schema: ChangePage },
          'text/event-stream': { schema: Type.String() },
        },
      },
    },
    work: async (req, reply) => {
      if (!wantsStream(req.headers.accept)) {
        return reply.send(await db.tenantRead(req.actor, (tx) => listChanges(tx, req.query)))
      }
      const after = lastEventId(req.headers['last-event-id']) ?? req.query.after
      // The connection ends with the stream, so that the service can stop.
      reply.headers({ 'cache-control': 'no-store', connection: 'close', 'x-accel-buffering': 'no' })
      reply.type('text/event-stream; charset=utf-8')
      // Without this Fastify would read the whole stream to answer HEAD.
      if (req.raw.method === 'HEAD') return reply.send('')
      const { body } = await streams.open({ actor: req.actor, token: req.token, after })
      // The client disconnected meanwhile, so nothing else ends the stream.
      if (reply.raw.destroyed) body.destroy()
      return reply.send(reserveBytes(body, max_buffered_bytes))
    },
  })
}

function wantsStream(accept: string | undefined): boolean {
  return accept !== undefined && /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(accept)
}

/** Throws ValidationError. */
function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) {
    throw invalid('/header/last-event-id', 'must be the id of a change')
  }
  return Number(header)
}
