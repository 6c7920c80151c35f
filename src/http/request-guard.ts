// The first check of every request: the process is not stopping, and the request is unambiguous.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import { BadRequestError, UriTooLongError } from '../core/request-errors.ts'
import { ShuttingDownError } from '../core/server-errors.ts'

const max_url = 8192

/** Headers that must not be repeated: Node uses the first one, a proxy may use the second one. */
const singleton_headers = ['host', 'content-type']

declare module 'fastify' {
  interface FastifyInstance {
    /** From now on every response has `Connection: close`. Requests are still handled. */
    drain(): void
  }
}

/** Refuses new requests while the process stops (503, except health probes), and ambiguous requests (400, 414). */
export function installRequestGuard(app: FastifyInstance): void {
  let is_draining = false
  let is_closing = false
  app.decorate('drain', () => {
    is_draining = true
  })
  app.addHook('preClose', async () => {
    is_closing = true
  })
  app.addHook('onRequest', (request, _reply, done) => {
    if (is_closing && !request.url.startsWith('/health')) done(new ShuttingDownError())
    else done(findProblem(request))
  })
  // Otherwise a connection that is active when the process stops would be kept alive and delay the stop.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (is_draining || is_closing) reply.header('connection', 'close')
    done(null, payload)
  })
}

function findProblem({ raw, url, headers }: FastifyRequest): AppError | undefined {
  const { httpVersion, rawHeaders } = raw
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return new BadRequestError()
  if (headers.host === undefined && httpVersion === '1.1') {
    return new BadRequestError({ message: 'The Host header is missing.' })
  }
  const repeated = singleton_headers.find((name) => isRepeated(rawHeaders, name))
  if (repeated !== undefined) return new BadRequestError({ message: `The header ${repeated} is repeated.` })
  if (url.length > max_url) return new UriTooLongError()
  if (isDecodable(url)) return undefined
  return new BadRequestError({ message: 'The query has a % that is not part of a UTF-8 character.' })
}

function isRepeated(rawHeaders: readonly string[], wanted: string): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === wanted.length && name.toLowerCase() === wanted) count += 1
  }
  return count > 1
}

/** The router has decoded the path. The query parser would use undecodable text unchanged. */
function isDecodable(url: string): boolean {
  const query = url.indexOf('?')
  if (query === -1 || !url.includes('%', query)) return true
  try {
    decodeURIComponent(url.slice(query))
    return true
  } catch {
    return false
  }
}
