// Compresses JSON responses above 1 kB with Brotli or gzip, on the thread pool.
import { promisify } from 'node:util'
import { type BrotliOptions, brotliCompress, gzip, type ZlibOptions, constants as zlib } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Compressing a smaller body costs more than it saves. */
const min_length = 1024

export type Encoding = 'br' | 'gzip'

const compressWithBrotli = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress)
const compressWithGzip = promisify<Buffer, ZlibOptions, Buffer>(gzip)

/** Fast levels, with a window of 256 kB: higher ones save a tenth of the bytes for several times the time. */
export const compressors: Readonly<Record<Encoding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) =>
    compressWithBrotli(body, {
      params: {
        [zlib.BROTLI_PARAM_QUALITY]: 3,
        [zlib.BROTLI_PARAM_LGWIN]: 18,
        [zlib.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  gzip: (body) => compressWithGzip(body, { level: 3 }),
}

/**
 * Call it after installResponseMemory, which reserves memory for the uncompressed body first. A strong ETag becomes weak, because
 * the bytes differ by encoding (RFC 9110 8.8.1); etag.ts accepts both forms.
 */
export function installCompression(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const encoding = chooseEncoding(request.headers['accept-encoding'])
    if (encoding === undefined || !isCompressible(reply, payload)) done(null, payload)
    else compress(request, reply, payload, encoding).then((zipped) => done(null, zipped), done)
  })
}

function isCompressible(reply: FastifyReply, payload: unknown): payload is string | Buffer {
  return (
    (typeof payload === 'string' || Buffer.isBuffer(payload)) &&
    payload.length > min_length &&
    !reply.hasHeader('content-encoding') &&
    String(reply.getHeader('content-type')).startsWith('application/json')
  )
}

async function compress(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: string | Buffer,
  encoding: Encoding,
): Promise<Buffer> {
  const zipped = await compressors[encoding](Buffer.isBuffer(payload) ? payload : Buffer.from(payload))
  const etag = reply.getHeader('etag')
  if (typeof etag === 'string' && etag.startsWith('"')) reply.header('etag', `W/${etag}`)
  reply.header('content-encoding', encoding).removeHeader('content-length')
  request.server.reserveMemory(request, zipped)
  return zipped
}

/** Brotli if the client accepts it as gladly as gzip; undefined if it accepts neither. `*` is not taken as consent. */
export function chooseEncoding(accepted: string | string[] | undefined): Encoding | undefined {
  if (accepted === undefined) return undefined
  const list = String(accepted).slice(0, 500).toLowerCase()
  const [br, gzip] = [weightOf('br', list), weightOf('gzip', list)]
  if (br === 0 && gzip === 0) return undefined
  return br >= gzip ? 'br' : 'gzip'
}

/** The q value of a content coding; 0 if it is not listed. */
function weightOf(coding: Encoding, list: string): number {
  for (const item of list.split(',')) {
    const [name = '', parameter = ''] = item.split(';')
    if (name.trim() !== coding) continue
    const q = parameter.trim()
    return q.startsWith('q=') ? Number(q.slice(2)) || 0 : 1
  }
  return 0
}
