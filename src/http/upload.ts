// Bodies that are files: read as a stream into a file of a new folder, within limits, and deleted after the work.
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalid } from '../core/errors.ts'
import { BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError } from '../core/request-errors.ts'

/** Of the body, also when it is unpacked. It must arrive within the ten seconds of every request. */
export const max_upload_bytes = 8 * 2 ** 20

export const upload_type = 'application/octet-stream'

/** The body of a route with `upload` is not parsed: withUpload reads it, after the request was validated. */
export function installUploads(app: FastifyInstance): void {
  app.addContentTypeParser(upload_type, async (request: FastifyRequest, payload: IncomingMessage) => {
    const { 'content-encoding': encoding = 'identity' } = request.headers
    const is_known = encoding === 'identity' || encoding === 'gzip'
    const { upload } = request.routeOptions.config
    if (upload === undefined || !is_known) throw new UnsupportedMediaTypeError()
    if (Number(payload.headers['content-length']) > max_upload_bytes) throw tooLarge(upload.advice)
    return payload
  })
}

/**
 * Saves the body as `upload` in a folder of its own, and deletes the folder when `work` has ended. Throws PayloadTooLargeError,
 * ValidationError without a body, and BadRequestError when the body ends early or is no gzip.
 */
export async function withUpload<T>(request: FastifyRequest, work: (path: string) => Promise<T>): Promise<T> {
  const body: unknown = request.body
  if (body === null || body === undefined) throw invalid('', 'must be a file', 'REQUIRED')
  if (!(body instanceof Readable)) throw new UnsupportedMediaTypeError({ message: `The body must be ${upload_type}.` })
  const folder = await mkdtemp(join(tmpdir(), 'roost-upload-'))
  try {
    const path = join(folder, 'upload')
    const advice = request.routeOptions.config.upload?.advice ?? ''
    await save(body, path, request.headers['content-encoding'] === 'gzip', advice)
    return await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function save(body: Readable, path: string, is_zipped: boolean, advice: string): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  try {
    if (is_zipped) await pipeline(body, limit(advice), createGunzip(), limit(advice), file)
    else await pipeline(body, limit(advice), file)
  } catch (cause) {
    throw cause instanceof PayloadTooLargeError ? cause : new BadRequestError({ cause: cause as Error })
  }
  if (file.bytesWritten === 0) throw invalid('', 'must be a file that is not empty', 'REQUIRED')
}

/** Passes `max_upload_bytes`, then fails. */
function limit(advice: string): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > max_upload_bytes) done(tooLarge(advice))
      else done(null, chunk)
    },
  })
}

/** `advice`: what to do about it, as the route declares. */
function tooLarge(advice: string): PayloadTooLargeError {
  const size = `${max_upload_bytes / 2 ** 20} MB`
  return new PayloadTooLargeError({
    message: `The file is larger than ${size}, the limit of this operation. ${advice}`,
  })
}
