// What is asked of every request before anything else looks at it: the process is not stopping, the request is sound.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BadRequestError, ShuttingDownError, UriTooLongError } from '../core/errors.ts'

const max_url = 8192

/** Headers that mean one thing; of two, Node would silently take the first and a proxy in front perhaps the second. */
const single = ['host', 'content-type']

/** Refuses new work while the process stops (503, probes excepted), and requests nobody can be sure how to read. */
export function installGate(app: FastifyInstance): void {
  let is_closing = false
  app.addHook('preClose', async () => {
    is_closing = true
  })
  app.addHook('onRequest', async (request) => {
    if (is_closing && !request.url.startsWith('/health')) throw new ShuttingDownError()
    requireSound(request)
  })
}

function requireSound({ raw, url, headers }: FastifyRequest): void {
  const { httpVersion, rawHeaders } = raw
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new BadRequestError()
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new BadRequestError({ message: 'The Host header is missing.' })
  }
  for (const name of single) {
    if (isRepeated(rawHeaders, name)) throw new BadRequestError({ message: `The header ${name} is there twice.` })
  }
  if (url.length > max_url) throw new UriTooLongError()
  if (!isDecodable(url)) throw new BadRequestError({ message: 'The query holds a % that begins no UTF-8 character.' })
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
