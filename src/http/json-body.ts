// The one way to read a body: JSON in UTF-8, nothing else, whatever the Content-Type pretends.
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { MalformedJsonError, UnsupportedMediaTypeError } from '../core/request-errors.ts'

/** No other parameter means anything here, and none is guessed at. */
const json = /^application\/json *(?:; *charset="?utf-8"?)? *$/i

/**
 * Replaces Fastify's parsers. A body in another encoding is refused, not read with replacement characters. DELETE takes
 * no body, but many clients announce JSON with it all the same.
 */
export function installJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers
    if (!json.test(type)) done(new UnsupportedMediaTypeError())
    else if (encoding !== 'identity') done(notEncoded())
    else if (request.method === 'DELETE' && bytes.length === 0) done(null)
    else if (isUtf8(bytes)) void parse(request, bytes.toString(), done)
    else done(new MalformedJsonError({ message: 'The body is not UTF-8.' }))
  })
}

function notEncoded(): UnsupportedMediaTypeError {
  return new UnsupportedMediaTypeError({ message: 'Send the body without a Content-Encoding.' })
}
