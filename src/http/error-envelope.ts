// Sends every error, also those of Fastify, as {"error":{"code","message",…}}.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../core/app-error.ts'
import { isDriverError } from '../core/postgres/database-errors.ts'
import {
  BadRequestError,
  MalformedJsonError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  UriTooLongError,
} from '../core/request-errors.ts'
import { InternalError, OverloadedError } from '../core/server-errors.ts'
import { challengeFor, ensureResponseHeaders } from './response-headers.ts'

/** The body of an error response. The cause of a 5xx is only in the log, with the request_id. */
export function envelope(error: AppError, request_id?: string): { error: Record<string, unknown> } {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(request_id !== undefined && { request_id }),
      retryable: error.entry.retryable,
      ...(error.details !== undefined && { details: error.details }),
      ...(error.meta !== undefined && { meta: error.meta }),
    },
  }
}

/** Maps error codes of Fastify. Other 4xx errors of Fastify become BAD_REQUEST. */
const fastify_errors: Readonly<Record<string, new (options?: { cause?: unknown }) => AppError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: PayloadTooLargeError,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: UnsupportedMediaTypeError,
  FST_ERR_CTP_EMPTY_JSON_BODY: MalformedJsonError,
  FST_ERR_CTP_INVALID_JSON_BODY: MalformedJsonError,
  FST_ERR_BAD_URL: BadRequestError,
  FST_ERR_MAX_PARAM_LENGTH: UriTooLongError,
  FST_ERR_ASYNC_CONSTRAINT: BadRequestError,
}

/** Database errors are already AppErrors (core/postgres/database.ts). Any other error is from Fastify, or a bug. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number }
  const known = code === undefined ? undefined : fastify_errors[code]
  if (known !== undefined) return new known({ cause: error })
  const is_client = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return is_client ? new BadRequestError({ cause: error }) : new InternalError({ cause: error })
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asAppError(error)
  logError(known, request)
  ensureResponseHeaders(reply)
  return (
    reply
      // Fastify would close the connection, and a client that is still sending its body would get a reset instead.
      .removeHeader('connection')
      .code(known.status)
      .headers({ ...challengeFor(known), ...known.headers, 'x-request-id': request.id })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(envelope(known, request.id)))
  )
}

/**
 * Logs bugs with their cause, unavailable dependencies, and values that only the database rejected. Refusals for overload are not
 * logged one by one: overload.ts logs the start and the end of an overload.
 */
function logError(known: AppError, request: FastifyRequest): void {
  if (known instanceof OverloadedError) return
  const { code, cause, status } = known
  // Errors without a cause are logged by their code, without a stack.
  const fields = status > 500 && cause === undefined ? { code } : { code, err: cause ?? known }
  if (status === 500) request.log.error(fields, 'request failed')
  else if (status > 500) request.log.warn(fields, 'request refused')
  else if (isDriverError(cause)) request.log.warn(fields, 'the database rejected a value that validation had accepted')
}

/** Handles errors, unknown routes and unknown methods. The last two are answered before the body is read. */
export function installErrors(app: FastifyInstance): void {
  const methods = methodsByPath(app)
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  app.setNotFoundHandler((request) => {
    throw unknownRoute(methods(request.url))
  })
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    done(request.is404 ? unknownRoute(methods(request.url)) : null)
  })
}

function unknownRoute(allowed: readonly string[]): AppError {
  return allowed.length === 0
    ? new RouteNotFoundError()
    : new MethodNotAllowedError({ headers: { allow: allowed.join(', ') } })
}

/** Returns a function that lists the methods of a path, for 405 and its Allow header. */
function methodsByPath(app: FastifyInstance): (url: string) => string[] {
  const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return
    const path = new RegExp(
      `^${url
        .replaceAll('.', '\\.')
        .replaceAll(/:[^/]+/g, '[^/]+')
        .replace(/\/?$/, '/?')}$`,
    )
    routes.push({ path, methods: [method].flat() })
  })
  return (url) => {
    const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?')
    return [...new Set(routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods))].sort()
  }
}
