// Declares routes. The compiler checks that their results match the response schemas.
import type { FastifyContextConfig, FastifyReply, FastifyRequest, FastifySchema, RouteHandlerMethod } from 'fastify'
import { type Static, type TSchema, Type } from 'typebox'
import type { JsonText } from '../core/json-text.ts'
import type { Database } from '../core/postgres/database.ts'
import type { ReadCost } from '../core/postgres/read-cost.ts'
import type { Tx } from '../core/postgres/transaction.ts'
import type { Api } from './api.ts'
import { sendJson, sendNotModified, sendVersioned, type Versioned, weakTag } from './etag.ts'
import { createMutation } from './mutation.ts'

/** A request with the types of the route's schemas. */
type RouteRequest<P extends TSchema, Q extends TSchema, B extends TSchema> = FastifyRequest<{
  Params: Static<P>
  Querystring: Static<Q>
  Body: Static<B>
}>

type Rule = Pick<FastifyContextConfig, 'can' | 'signedIn' | 'open'>

/** What each route declares: for the document, for authorization and for validation. Without `response` it answers 204. */
interface Declaration<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>
  extends Pick<FastifyContextConfig, 'during_outage' | 'errors' | 'feature' | 'session_cookie' | 'tagged' | 'upload'> {
  readonly tags: readonly string[]
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly [extension: `x-${string}`]: unknown
  readonly params?: P
  readonly querystring?: Q
  readonly body?: B
  readonly response?: R
}

interface ReadRoute<P extends TSchema, Q extends TSchema, R extends TSchema>
  extends Declaration<P, Q, TSchema, R>,
    Required<Pick<Rule, 'can'>> {
  readonly response: R
  /** `scan` for a read that no index limits (core/postgres/read-cost.ts). */
  readonly cost?: ReadCost | ((request: RouteRequest<P, Q, TSchema>) => ReadCost)
  /** Reads the answer. A record with a `version` is sent with its ETag. */
  readonly work: (tx: Tx, request: RouteRequest<P, Q, TSchema>) => Promise<Static<R> | JsonText<Static<R>>>
}

interface TaggedRoute<P extends TSchema, Q extends TSchema, R extends TSchema> extends ReadRoute<P, Q, R> {
  /**
   * Reads the ETag of the answer, before the answer and without it. Undefined: it is not known, and the hash of the answer is
   * sent. Equal tags mean equal answers.
   */
  readonly tag: (tx: Tx, request: RouteRequest<P, Q, TSchema>) => Promise<string | undefined>
  readonly work: (tx: Tx, request: RouteRequest<P, Q, TSchema>) => Promise<JsonText<Static<R>>>
}

/** GET in one read of the caller's agency. */
export function readRoute<P extends TSchema, Q extends TSchema, R extends TSchema>(
  app: Api,
  db: Database,
  path: string,
  { cost, work, ...declared }: ReadRoute<P, Q, R>,
): void {
  const costOf = typeof cost === 'function' ? cost : () => cost
  const read = (request: RouteRequest<P, Q, TSchema>) =>
    db.tenantRead(request.actor, (tx) => work(tx, request), costOf(request))
  const has_version = 'version' in ((declared.response as { properties?: object }).properties ?? {})
  register(
    app,
    'GET',
    path,
    declared,
    has_version
      ? async (request, reply) => sendVersioned(request, reply, (await read(request)) as Versioned)
      : async (request, reply) => {
          const result = await read(request)
          return typeof result === 'string' ? sendJson(reply, result) : result
        },
  )
}

/**
 * GET with an ETag that costs less than its answer: 304 is sent without reading the answer. The tag is read in an indexed read of its
 * own, so it does not wait for the scans of the agency.
 */
export function taggedRoute<P extends TSchema, Q extends TSchema, R extends TSchema>(
  app: Api,
  db: Database,
  path: string,
  { cost, tag, work, ...declared }: TaggedRoute<P, Q, R>,
): void {
  const costOf = typeof cost === 'function' ? cost : () => cost
  register(app, 'GET', path, { ...declared, tagged: true }, async (request: RouteRequest<P, Q, TSchema>, reply) => {
    const early = await db.tenantRead(request.actor, (tx) => tag(tx, request))
    const not_modified = early && sendNotModified(request, reply, early)
    if (not_modified) return not_modified
    const body = await db.tenantRead(request.actor, (tx) => work(tx, request), costOf(request))
    const etag = early ?? weakTag([body])
    return sendNotModified(request, reply, etag) ?? sendJson(reply.header('etag', etag), body)
  })
}

interface WriteRoute<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>
  extends Declaration<P, Q, B, R>,
    Required<Pick<Rule, 'can'>> {
  /** 200 by default. */
  readonly status?: 201
  /** Ids of properties, bookings or users: at most two mutations of each run at once, the others wait in FIFO order. */
  readonly queue?: (request: RouteRequest<P, Q, B>) => readonly string[]
  /** Runs before the mutation waits in its queues. */
  readonly before?: (request: RouteRequest<P, Q, B>, reply: FastifyReply) => void
  /** Makes the change. A result with a `version` is sent with its ETag. */
  readonly work: (tx: Tx, request: RouteRequest<P, Q, B>) => Promise<Static<R>>
  /** The URL of the created record: /api/v1/bookings/… */
  readonly location?: (result: Static<R>) => string
}

/** POST, PATCH or DELETE in one transaction of the caller's agency, with the Idempotency-Key (http/mutation.ts). */
export function writeRoute<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>(
  app: Api,
  db: Database,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { status, queue, before, work, location, ...declared }: WriteRoute<P, Q, B, R>,
): void {
  const mutate = createMutation<RouteRequest<P, Q, B>, Static<R>>(db, {
    status: declared.response === undefined ? 204 : (status ?? 200),
    work,
    ...(queue && { queue }),
    ...(location && { location }),
  })
  const handler: Handler<P, Q, B> =
    before === undefined
      ? mutate
      : (request, reply) => {
          before(request, reply)
          return mutate(request, reply)
        }
  register(app, method, path, declared, handler, status)
}

interface PlainRoute<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>
  extends Declaration<P, Q, B, R>,
    Rule {
  /** Further responses by status, or one that is not JSON. */
  readonly responses?: Readonly<Record<number, object>>
  /** Returns the body, or the reply if it has sent another response. */
  readonly work: (
    request: RouteRequest<P, Q, B>,
    reply: FastifyReply,
  ) => Promise<Static<R> | FastifyReply> | Static<R> | FastifyReply
}

/** A route outside the transaction of an agency: sign-in, health, streams. */
export function plainRoute<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>(
  app: Api,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { work, ...declared }: PlainRoute<P, Q, B, R>,
): void {
  const has_body = declared.response !== undefined || declared.responses !== undefined
  const handler: Handler<P, Q, B> = has_body
    ? work
    : async (request, reply) => {
        await work(request, reply)
        return reply.code(204).send(null)
      }
  register(app, method, path, declared, handler)
}

type Handler<P extends TSchema, Q extends TSchema, B extends TSchema> = (
  request: RouteRequest<P, Q, B>,
  reply: FastifyReply,
) => unknown

function register<P extends TSchema, Q extends TSchema, B extends TSchema>(
  app: Api,
  method: string,
  path: string,
  declared: Declaration<P, Q, B, TSchema> & Rule & Pick<PlainRoute<P, Q, B, TSchema>, 'responses'>,
  handler: Handler<P, Q, B>,
  status = 200,
): void {
  const {
    can,
    signedIn,
    open,
    during_outage,
    errors,
    feature,
    session_cookie,
    tagged,
    upload,
    response,
    responses,
    ...schema
  } = declared
  const success = response === undefined && responses === undefined ? { 204: Type.Null() } : undefined
  app.route({
    method,
    url: path,
    config: {
      ...(can && { can }),
      ...(signedIn && { signedIn }),
      ...(open && { open }),
      ...(during_outage && { during_outage }),
      ...(feature && { feature }),
      ...(session_cookie && { session_cookie }),
      ...(tagged && { tagged }),
      ...(upload && { upload }),
      ...(errors && { errors }),
    },
    schema: {
      ...schema,
      response: { ...success, ...(response && { [status]: response }), ...responses },
    } as FastifySchema,
    handler: handler as RouteHandlerMethod,
  })
}
