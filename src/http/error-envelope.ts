// Every failure, the framework's own included, leaves as {"error":{"code","message",…}}.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../core/app-error.ts'
import { translate } from '../core/database-errors.ts'
import {
  BadRequestError,
  HeadersTooLargeError,
  InternalError,
  MalformedJsonError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RequestTimeoutError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  UriTooLongError,
} from '../core/errors.ts'

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

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const known = translate(error)
  if (known !== undefined) return known
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number }
  const framework = code === undefined ? undefined : frameworkErrors[code]
  if (framework !== undefined) return new framework({ cause: error })
  if (error instanceof SyntaxError && statusCode === 400) return new MalformedJsonError({ cause: error })
  const is_client = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return is_client ? new BadRequestError({ cause: error }) : new InternalError({ cause: error })
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asAppError(error)
  if (known.status >= 500) request.log.error({ err: known.cause ?? known, code: known.code }, 'request failed')
  return reply
    .code(known.status)
    .headers(known.headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(envelope(known, request.id)))
}

/** Envelopes for handlers, unknown routes and methods. */
export function installErrors(app: FastifyInstance): void {
  const methods = methodsByPath(app)
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods(request.url)
    const error =
      allowed.length === 0
        ? new RouteNotFoundError()
        : new MethodNotAllowedError({ headers: { allow: allowed.join(', ') } })
    return sendError(error, request, reply)
  })
}

/** The methods each registered path takes, for 405 and its Allow header. */
function methodsByPath(app: FastifyInstance): (url: string) => string[] {
  const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return
    const path = new RegExp(`^${url.replaceAll(/:[^/]+/g, '[^/]+').replace(/\/?$/, '/?')}$`)
    routes.push({ path, methods: [method].flat() })
  })
  return (url) => {
    const [path = ''] = url.split('?')
    return [...new Set(routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods))].sort()
  }
}

/** What the parser itself refuses, before there is a request: written to the socket by hand. */
export function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const known =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new HeadersTooLargeError()
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new RequestTimeoutError()
        : new BadRequestError()
  socket.end(rawReply(known))
}

export function rawReply(error: AppError): string {
  const body = JSON.stringify(envelope(error))
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
