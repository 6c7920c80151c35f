// What is asked of every request before anything else looks at it: the process is not stopping, the request is sound.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AppError } from '../core/app-error.ts'
import { BadRequestError, UriTooLongError } from '../core/request-errors.ts'
import { ShuttingDownError } from '../core/server-errors.ts'

const max_url = 8192

/** Headers that mean one thing; of two, Node would silently take the first and a proxy in front perhaps the second. */
const single = ['host', 'content-type']

declare module 'fastify' {
  interface FastifyInstance {
    /** From now on every reply asks its client to come back on another connection; all are still served. */
    drain(): void
  }
}

/** Refuses new work while the process stops (503, probes excepted), and requests nobody can be sure how to read. */
export function installGate(app: FastifyInstance): void {
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
    else done(flawOf(request))
  })
  // Without it a connection that was busy when the process was told to stop is kept alive, and waited for.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (is_draining || is_closing) reply.header('connection', 'close')
    done(null, payload)
  })
}

function flawOf({ raw, url, headers }: FastifyRequest): AppError | undefined {
  const { httpVersion, rawHeaders } = raw
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return new BadRequestError()
  if (headers.host === undefined && httpVersion === '1.1') {
    return new BadRequestError({ message: 'The Host header is missing.' })
  }
  const repeated = single.find((name) => isRepeated(rawHeaders, name))
  if (repeated !== undefined) return new BadRequestError({ message: `The header ${repeated} is there twice.` })
  if (url.length > max_url) return new UriTooLongError()
  if (isDecodable(url)) return undefined
  return new BadRequestError({ message: 'The query holds a % that begins no UTF-8 character.' })
}

function isRepeated(rawHeaders: readonly string[], wanted: string): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === wanted.length && name.toLowerCase() === wanted) count += 1
  }
  return count > 1
}

/** The router has decoded the path; the query parser would take what it cannot decode as it stands. */
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
