// Parses request bodies: only JSON in UTF-8, within the limits of body-limits.ts.
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ValidationError } from '../core/errors.ts'
import { BadRequestError, MalformedJsonError, UnsupportedMediaTypeError } from '../core/request-errors.ts'
import { bodyTooLarge, findExcess, max_chunks, tooManyChunks } from './body-limits.ts'

/** The type of a PATCH as RFC 7396 defines it. */
const merge_patch = 'application/merge-patch+json'

/** The only accepted parameter is charset=utf-8. */
const json_type = /^application\/(?:json|merge-patch\+json) *(?:; *charset=(?:utf-8|"utf-8") *)?$/i

/**
 * Replaces the parsers of Fastify. A body that is not UTF-8 is refused, not decoded with replacement characters. Many clients send
 * the Content-Type with every request, so an operation that needs no body accepts it without one.
 */
export function installJsonBody(app: FastifyInstance): void {
  const parse = promisify(app.getDefaultJsonParser('error', 'error'))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', merge_patch],
    async (request: FastifyRequest, payload: IncomingMessage) => {
      const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers
      if (!json_type.test(type) || !isAllowedFor(request.method, type)) throw new UnsupportedMediaTypeError()
      if (encoding !== 'identity') throw contentEncodingError()
      const bytes = await read(payload, request.routeOptions.bodyLimit)
      if (bytes.length === 0 && request.routeOptions.schema?.body === undefined) return undefined
      if (!isUtf8(bytes)) throw new MalformedJsonError({ message: 'The body is not UTF-8.' })
      const excess = findExcess(bytes)
      if (excess !== undefined) throw new ValidationError({ details: [excess] })
      return parse(request, bytes.toString())
    },
  )
}

function isAllowedFor(method: string, type: string): boolean {
  return method === 'PATCH' || !type.toLowerCase().startsWith(merge_patch)
}

/**
 * Reads a body of at most `limit` bytes. Refuses it by its Content-Length before reading, or as soon as it has too many bytes or
 * chunks. The reader of Fastify does not limit the number of chunks.
 */
function read(payload: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(payload.headers['content-length']) > limit) return Promise.reject(bodyTooLarge(limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let received = 0
    const onData = (chunk: Buffer) => {
      received += chunk.length
      chunks.push(chunk)
      if (received > limit) stop(bodyTooLarge(limit))
      else if (chunks.length > max_chunks) {
        stop(tooManyChunks())
        pauseParser(payload)
      }
    }
    const onEnd = () => resolve(Buffer.concat(chunks, received))
    const onError = (cause: Error) => stop(new BadRequestError({ cause }))
    const stop = (error: Error) => {
      payload.off('data', onData).off('end', onEnd).off('error', onError)
      reject(error)
    }
    payload.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

/**
 * Pauses the HTTP parser, so that the connection fails after the data read so far (at most 64 kB) and server.ts refuses the rest.
 * Uses an undocumented property of Node. Without it the remaining chunks would be parsed and discarded.
 */
function pauseParser({ socket }: IncomingMessage): void {
  const { parser } = socket as { parser?: { pause?: () => void } }
  parser?.pause?.()
}

function contentEncodingError(): UnsupportedMediaTypeError {
  return new UnsupportedMediaTypeError({ message: 'Send the body without a Content-Encoding.' })
}
