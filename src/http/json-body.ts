// The one way to read a body: JSON in UTF-8 within its limits, nothing else, whatever the Content-Type pretends.
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ValidationError } from '../core/errors.ts'
import { BadRequestError, MalformedJsonError, UnsupportedMediaTypeError } from '../core/request-errors.ts'
import { excessOf, max_pieces, tooLarge, tooManyPieces } from './body-limits.ts'

/** No other parameter means anything here, and none is guessed at. */
const json = /^application\/json *(?:; *charset=(?:utf-8|"utf-8") *)?$/i

/**
 * Replaces Fastify's parsers. A body in another encoding is refused, not read with replacement characters. DELETE takes
 * no body, but many clients announce JSON with it all the same.
 */
export function installJsonBody(app: FastifyInstance): void {
  const parse = promisify(app.getDefaultJsonParser('error', 'error'))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers
    if (!json.test(type)) throw new UnsupportedMediaTypeError()
    if (encoding !== 'identity') throw notEncoded()
    const bytes = await read(payload, request.routeOptions.bodyLimit)
    if (request.method === 'DELETE' && bytes.length === 0) return undefined
    if (!isUtf8(bytes)) throw new MalformedJsonError({ message: 'The body is not UTF-8.' })
    const excess = excessOf(bytes)
    if (excess !== undefined) throw new ValidationError({ details: [excess] })
    return parse(request, bytes.toString())
  })
}

/**
 * Collects a body of at most `limit` bytes. Refused by its Content-Length before anything of it is read, else at the
 * first byte or piece too many: Fastify's own reader takes any number of pieces.
 */
function read(payload: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(payload.headers['content-length']) > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let received = 0
    const onData = (piece: Buffer) => {
      received += piece.length
      pieces.push(piece)
      if (received > limit) stop(tooLarge(limit))
      else if (pieces.length > max_pieces) {
        stop(tooManyPieces())
        pauseParser(payload)
      }
    }
    const onEnd = () => resolve(Buffer.concat(pieces, received))
    const onError = (cause: Error) => stop(new BadRequestError({ cause }))
    const stop = (error: Error) => {
      payload.off('data', onData).off('end', onEnd).off('error', onError)
      reject(error)
    }
    payload.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

/**
 * Ends the connection once the parser is through with what it has read already (64 kB at most); server.ts refuses the rest.
 * Node has no documented way. Without its own one the chunks that follow are parsed and thrown away.
 */
function pauseParser({ socket }: IncomingMessage): void {
  const { parser } = socket as { parser?: { pause?: () => void } }
  parser?.pause?.()
}

function notEncoded(): UnsupportedMediaTypeError {
  return new UnsupportedMediaTypeError({ message: 'Send the body without a Content-Encoding.' })
}
