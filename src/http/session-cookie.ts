// The cookie that holds the refresh token of a browser: name, attributes, and which requests may use it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { SameOriginRequiredError } from '../core/errors.ts'
import { isLoopback } from '../core/loopback.ts'

/** Browsers accept this prefix only with Secure, Path=/ and without Domain, so no other host can set the cookie. */
export const secure_cookie = '__Host-roost_session'
/** Over plain http a browser stores neither Secure nor the prefix. */
export const plain_cookie = 'roost_session'

const token_shape = /^[\w-]{1,200}$/

export interface SessionCookie {
  /**
   * Throws SameOriginRequiredError unless a page of this service sent the request. Browsers report that in Sec-Fetch-Site; those
   * that do not send it (older ones, and all over plain http) send Origin.
   */
  requireOwnPage(request: FastifyRequest): void
  /** The refresh token; undefined without the cookie, or when it cannot be one. */
  read(request: FastifyRequest): string | undefined
  /** `max_age` is seconds. */
  set(request: FastifyRequest, reply: FastifyReply, token: string, max_age: number): void
  /** Deletes the cookie if the request carries it. */
  clear(request: FastifyRequest, reply: FastifyReply): void
}

export function createSessionCookie({ public_url }: Pick<Config, 'public_url'>): SessionCookie {
  const public_origin = public_url === undefined ? undefined : new URL(public_url).origin

  /**
   * Whether the browser has a secure connection: PUBLIC_URL says so, or the connection or a trusted proxy does, or the browser
   * itself, by its Origin or by sending the cookie that it sends on no other. Loopback counts as secure in browsers.
   */
  function isSecure(request: FastifyRequest): boolean {
    return (
      public_origin?.startsWith('https:') === true ||
      protocolOf(request) === 'https' ||
      request.headers.origin?.startsWith('https://') === true ||
      cookieOf(request, secure_cookie) !== undefined ||
      isLoopback(request.hostname)
    )
  }

  /**
   * Whether this is the origin of a page of this service. A proxy can end TLS without saying so, and can replace Host. Where
   * PUBLIC_URL is https, a page of the same host over http is somebody else's.
   */
  function isOwn(origin: string, request: FastifyRequest): boolean {
    const given = originOf(origin)
    const over_https = originOf(`https://${request.host}`)
    if (given === undefined) return false
    if (given === public_origin || given === over_https) return true
    const is_downgrade = public_origin?.startsWith('https:') && hostOf(public_origin) === hostOf(over_https)
    return !is_downgrade && given === originOf(`${protocolOf(request)}://${request.host}`)
  }

  function send(reply: FastifyReply, is_secure: boolean, value: string, max_age: number): void {
    const name = is_secure ? secure_cookie : plain_cookie
    const attributes = [`Max-Age=${max_age}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', ...(is_secure ? ['Secure'] : [])]
    reply.header('set-cookie', [`${name}=${value}`, ...attributes].join('; ')).header('cache-control', 'no-store')
  }

  return {
    requireOwnPage(request) {
      const { origin, 'sec-fetch-site': site } = request.headers
      const is_own = site === undefined ? origin !== undefined && isOwn(origin, request) : site === 'same-origin'
      if (!is_own) throw new SameOriginRequiredError()
    },
    read(request) {
      const token = cookieOf(request, isSecure(request) ? secure_cookie : plain_cookie)
      return token !== undefined && token_shape.test(token) ? token : undefined
    },
    set(request, reply, token, max_age) {
      send(reply, isSecure(request), token, max_age)
    },
    clear(request, reply) {
      const is_secure = isSecure(request)
      if (cookieOf(request, is_secure ? secure_cookie : plain_cookie) !== undefined) send(reply, is_secure, '', 0)
    },
  }
}

/** As a trusted proxy names it (TRUST_PROXY), else that of the connection. */
const protocolOf = ({ protocol }: FastifyRequest) => protocol.toLowerCase()

/** Undefined for `null`, which browsers send for pages without an origin. */
function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined
}

const hostOf = (origin: string | undefined) => (origin === undefined ? undefined : new URL(origin).hostname)

/** The first cookie of this name. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}
