// The headers of every response: caching, security headers, and the challenge of a 401.
import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import { TokenExpiredError, TokenInvalidError } from '../core/errors.ts'
import { hasSecret } from './secrets.ts'

/** Also sent by server.ts with its replies to requests that Node cannot parse. */
export const responseHeaders = {
  'cache-control': 'private, no-cache',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  vary: 'Accept-Encoding',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Call it before all other hooks and routes. Responses of routes that can return a secret are not stored by any cache. */
export function installResponseHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(responseHeaders)
    done()
  })
  app.addHook('onRoute', (route) => {
    if (hasSecret(route.schema?.response)) route.onSend = [noStore, ...hooksOf(route)]
  })
}

const noStore: Extract<NonNullable<RouteOptions['onSend']>, (...args: never[]) => unknown> = (
  _request,
  reply,
  payload,
  done,
) => {
  reply.header('cache-control', 'no-store')
  done(null, payload)
}

function hooksOf({ onSend = [] }: RouteOptions) {
  return [onSend].flat()
}

/** Sets the headers of a response for which no hook has run, because the router refused the URL. */
export function ensureResponseHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('content-security-policy')) reply.headers(responseHeaders)
}

const invalid_token: readonly unknown[] = [TokenInvalidError.entry, TokenExpiredError.entry]

/** The challenge that every 401 contains (RFC 9110 11.6.1, RFC 6750 3). */
export function challengeFor({ status, entry }: AppError): { 'www-authenticate'?: string } {
  if (status !== 401) return {}
  const reason = invalid_token.includes(entry) ? ', error="invalid_token"' : ''
  return { 'www-authenticate': `Bearer realm="roost"${reason}` }
}
