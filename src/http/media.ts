// Serves the pictures of the media store. No token is needed: an address has 128 random bits.
import { RouteNotFoundError } from '../core/request-errors.ts'
import type { Api, ApiDeps } from './api.ts'
import { reserveBytes } from './response-memory.ts'

const stream_bytes = 128 * 1024

/** No address has another form, so nothing but the sizes of a picture can be read. */
const address = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[\w-]{22}\/(?:small|medium|large)\.webp$/

/** The files never change, so browsers keep them. Call it after authorize. */
export function installMedia(app: Api, { media }: Pick<ApiDeps, 'media'>): void {
  app.get<{ Params: { '*': string } }>('/media/*', { config: { open: true, page: true } }, async (request, reply) => {
    const key = request.params['*']
    const file = address.test(key) ? await media.open(key) : undefined
    if (file === undefined) throw new RouteNotFoundError()
    reply
      .type('image/webp')
      .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'content-length': String(file.bytes) })
    // Fastify answers HEAD with the headers, and would read the whole stream before.
    if (request.method === 'HEAD') file.stream.destroy()
    return reply.send(reserveBytes(file.stream, stream_bytes))
  })
}
