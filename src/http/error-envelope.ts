// Every failure, the framework's own included, leaves as {"error":{"code","message",…}}.
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

/** The body of any failure. 5xx say nothing about the cause; the log line with this request_id does. */
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

/** Fastify's own error codes in ours. A code that is missing here becomes BAD_REQUEST when Fastify says 4xx. */
const frameworkErrors: Readonly<Record<string, new (options?: { cause?: unknown }) => AppError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: PayloadTooLargeError,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: UnsupportedMediaTypeError,
  FST_ERR_CTP_EMPTY_JSON_BODY: MalformedJsonError,
  FST_ERR_CTP_INVALID_JSON_BODY: MalformedJsonError,
  FST_ERR_BAD_URL: BadRequestError,
  FST_ERR_MAX_PARAM_LENGTH: UriTooLongError,
  FST_ERR_ASYNC_CONSTRAINT: BadRequestError,
}

/** Failures of the database come translated (core/postgres/database.ts): whatever else is no AppError is a bug, or Fastify's. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number }
  const framework = code === undefined ? undefined : frameworkErrors[code]
  if (framework !== undefined) return new framework({ cause: error })
  const is_client = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return is_client ? new BadRequestError({ cause: error }) : new InternalError({ cause: error })
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asAppError(error)
  logError(known, request)
  return (
    reply
      // Fastify would close at once: a client still sending a large body would see a reset instead of this reply.
      .removeHeader('connection')
      .code(known.status)
      .headers({ ...known.headers, 'x-request-id': request.id })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(envelope(known, request.id)))
  )
}

/**
 * What an operator must know: bugs with their cause, what is down, and values that only the database refused. Not who was
 * refused for overload: overload.ts says when it begins and ends, and there is no time for more.
 */
function logError(known: AppError, request: FastifyRequest): void {
  if (known instanceof OverloadedError) return
  const { code, cause, status } = known
  // What we refuse ourselves has no cause but its code, and is refused when there is no time for a stack.
  const fields = status > 500 && cause === undefined ? { code } : { code, err: cause ?? known }
  if (status === 500) request.log.error(fields, 'request failed')
  else if (status > 500) request.log.warn(fields, 'request refused')
  else if (isDriverError(cause)) request.log.warn(fields, 'the database refused what validation had let through')
}

/** Envelopes for handlers, unknown routes and methods; those two are told before a body is read. */
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

/** The methods each registered path takes, for 405 and its Allow header. */
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
